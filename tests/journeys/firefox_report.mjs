// Sends a report with a photo from a real Firefox; prints what came back as one line of JSON.
// usage: node firefox_report.mjs ORIGIN PHOTO LON LAT [PREFERENCES, a JSON object]
import puppeteer from "puppeteer-core";

const [origin, photo, lon, lat, preferences = "{}"] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  headless: true,
  // The sandbox of the content process needs name spaces that a bare chroot does not give.
  extraPrefsFirefox: { "security.sandbox.content.level": 0, ...JSON.parse(preferences) },
});
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/report/`, { waitUntil: "load" });
  // Whether what a page draws can be read: a photo that went through a canvas would be noise.
  const reads_red = await page.evaluate(() => {
    const context = Object.assign(document.createElement("canvas"), { width: 16, height: 16 })
      .getContext("2d");
    context.fillStyle = "#f00";
    context.fillRect(0, 0, 16, 16);
    const found = context.getImageData(0, 0, 16, 16).data;
    return found.every((value, at) => value === [255, 0, 0, 255][at % 4]);
  });
  const upload = await page.$("input[name=photo]:not([capture])");
  await upload.uploadFile(photo);
  await page.waitForSelector(".place .map");
  for (const [name, said] of [["lat", lat], ["lon", lon]]) {
    await page.$eval(`input[name=${name}]`, (input, value) => {
      input.value = value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, said);
  }
  await page.click("[data-step=place] [data-next]");
  const tile = await page.waitForSelector("[data-type='camera/dome']", { visible: true });
  await tile.click();
  await page.waitForSelector("[data-summary] .summary__more");
  await page.click("button[name=photo_use][value=public]");
  const title = await page.waitForSelector("h1[data-when=sent]:not([hidden])", { timeout: 90000 });
  const words = await page.$$eval(".code-words li", (items) => items.length);
  const cookies = await page.cookies();
  const is_sent = (await title.evaluate((heading) => heading.textContent)) !== "";
  console.log(JSON.stringify({ is_sent, words, cookies: cookies.length, reads_red }));
} finally {
  await browser.close();
}
