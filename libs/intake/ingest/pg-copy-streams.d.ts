declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** A writable that feeds `COPY … FROM STDIN`; pass it to `client.query` first. */
  export function from(statement: string): Writable & Submittable;
}
