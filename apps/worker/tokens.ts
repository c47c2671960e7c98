/** The channels of this process by sender key. */
export const CHANNELS = 'vidhuk:channels';
/** Base of short links and webhooks, without trailing slash. */
export const PUBLIC_URL = 'vidhuk:public-url';
