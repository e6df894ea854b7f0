const SHOWN_MS = 6_000

/**
 * Shows notes for a while, and one of its own when a request a person made did not come through. Other elements say
 * "studio:toast" {name: "failed" or "offline"} or {words, level}.
 */
class ToastStack extends HTMLElement {
  // What the studio refuses in words of its own (403) it says by itself.
  #failed = ({ detail }) => detail.requestConfig.verb !== "get" && detail.xhr.status !== 403 && this.#show("failed")
  #offline = ({ detail }) => detail.requestConfig.verb !== "get" && this.#show("offline")

  #told = ({ detail }) => this.#show(detail.name ?? "said", detail)

  connectedCallback() {
    for (const toast of this.querySelectorAll(".toast")) this.#leaveLater(toast)
    document.addEventListener("htmx:responseError", this.#failed)
    document.addEventListener("htmx:sendError", this.#offline)
    addEventListener("studio:toast", this.#told)
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:responseError", this.#failed)
    document.removeEventListener("htmx:sendError", this.#offline)
    removeEventListener("studio:toast", this.#told)
  }

  #show(name, { words = "", level = "" } = {}) {
    const toast = this.querySelector(`template[data-toast="${name}"]`).content.firstElementChild.cloneNode(true)
    if (words) toast.querySelector("p").textContent = words
    if (level) toast.dataset.level = level
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
