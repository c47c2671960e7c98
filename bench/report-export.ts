import { once } from 'node:events';
import { Vault } from '#contacts/vault';
import { exportAnswers, type ExportFormat } from '#reporting/answers-export';
import { reportQuestion } from '#reporting/question';
import { Database } from '#store/database';
import { measure } from './measure.js';

/** An export to be made by this process, which is started by the measurement. */
export interface ExportAsked {
  readonly url: string;
  readonly format: ExportFormat;
  readonly from: string;
  readonly to: string;
}

export interface ExportMeasured {
  readonly count: number;
  readonly bytes: number;
  readonly seconds: number;
  /** CPU of this process an answer. */
  readonly nodeUs: number;
  readonly peakMb: number;
}

const [{ url, format, from, to }] = (await once(process, 'message')) as [ExportAsked];
const db = await Database.connect(url, { poolSize: 2 });
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
let count = 0;
let bytes = 0;
const began = performance.now();
const cost = await measure(db, 1, async () => {
  const pieces = exportAnswers(db, vault, reportQuestion({ from, to }), format, (some) => (count += some));
  for await (const piece of pieces) bytes += piece.length;
});
const seconds = (performance.now() - began) / 1000;
const measured: ExportMeasured = { count, bytes, seconds, nodeUs: cost.nodeUs / count, peakMb: cost.peakMb };
process.send?.(measured);
await db.close();
process.disconnect();
