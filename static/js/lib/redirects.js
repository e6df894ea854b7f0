// A partial that was asked for and a whole page that came (the session ended: the sign-in page): go there, instead of
// laying a page into a card.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail
  const asked = new URL(pathInfo.requestPath, location.href).pathname
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
    event.detail.shouldSwap = false
    location.assign(location.href)
  }
})
