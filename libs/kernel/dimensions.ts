/** What visits can be grouped by, in reports and in the simulator. The last three are calendar parts of the day a visit finished. */
export const DIMENSIONS = [
  'centre',
  'service',
  'campaign',
  'channel',
  'variant',
  'language',
  'day',
  'week',
  'month',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];
