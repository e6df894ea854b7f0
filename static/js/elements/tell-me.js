/** Asks for leave to notify, when a person wants it: there only while the browser has not been asked. */
class TellMe extends HTMLElement {
  connectedCallback() {
    this.#show()
    this.addEventListener("click", async () => {
      await Notification.requestPermission()
      this.#show()
    })
  }

  #show() { this.hidden = window.Notification?.permission !== "default" }
}
customElements.define("tell-me", TellMe)
