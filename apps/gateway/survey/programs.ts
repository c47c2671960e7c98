/**
 * What calls itself a program: previews of messengers, crawlers, mail and link scanners, HTTP libraries, browsers without a
 * screen. Viber and Telegram open pages in a browser of the phone, so their names alone say nothing of a program.
 * Names as their makers publish them, for instance https://developers.facebook.com/docs/sharing/webmasters/web-crawlers
 * and https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers
 */
const PROGRAM =
  /(?<!cu)bot\b|crawl|spider|preview|scanner|facebookexternalhit|facebookcatalog|whatsapp\/|slack-img|skypeuri|vkshare|google-(safety|read-aloud|pagerenderer)|feedfetcher|headless|phantomjs|lighthouse|barracuda|proofpoint|mimecast|safelinks|bitdefender|kaspersky|symantec|zscaler|forcepoint|virustotal|urlscan|^(curl|wget|python|node|undici|axios|got|okhttp|java|go-http-client|libwww|ruby|php|postman|insomnia|apache-httpclient|winhttp)\b/i;

/** Whether the sender of a request names itself as a program. Every browser names itself, so no name is a sign too. */
export function isProgram(userAgent: string | undefined): boolean {
  return userAgent === undefined || userAgent.trim() === '' || PROGRAM.test(userAgent);
}
