const SHOWN_MS = 6_000

/** Shows notes for a while, and one of its own when a request a person made did not come through. */
class ToastStack extends HTMLElement {
  #failed = ({ detail }) => detail.requestConfig.verb !== "get" && this.#show("failed")
  #offline = ({ detail }) => detail.requestConfig.verb !== "get" && this.#show("offline")

  connectedCallback() {
    for (const toast of this.querySelectorAll(".toast")) this.#leaveLater(toast)
    document.addEventListener("htmx:responseError", this.#failed)
    document.addEventListener("htmx:sendError", this.#offline)
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:responseError", this.#failed)
    document.removeEventListener("htmx:sendError", this.#offline)
  }

  #show(name) {
    const toast = this.querySelector(`template[data-toast="${name}"]`).content.firstElementChild.cloneNode(true)
    this.append(toast)
    this.#leaveLater(toast)
  }

  #leaveLater(toast) {
    const wait = toast.hasAttribute("data-stay") ? SHOWN_MS * 3 : SHOWN_MS
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) return this.#leaveLater(toast)
      toast.toggleAttribute("data-leaving", true)
      setTimeout(() => toast.remove(), 400)
    }, wait)
  }
}
customElements.define("toast-stack", ToastStack)
