// Runs before the first paint, so that a light studio does not flash dark. The only script that is no module.
const theme = localStorage.getItem("theme")
if (theme) document.documentElement.dataset.theme = theme
