const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]]

/** Shows its <time> as "2 hours ago", in the page's language; the exact time stays in its tooltip. */
class TimeAgo extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time")
    const moment = new Date(time.dateTime)
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" })
    const seconds = (moment - Date.now()) / 1_000
    const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60]
    time.title = moment.toLocaleString(document.documentElement.lang)
    time.textContent = Math.abs(seconds) < 60 ? format.format(0, "second") : format.format(Math.round(seconds / length), unit)
  }
}
customElements.define("time-ago", TimeAgo)
