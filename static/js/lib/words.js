/** "Step {step} of {steps}" with its gaps filled. Sentences come from the page, where they are translated. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap)

/** 2.25 as "2.3", in French "2,3": with `digits` behind the point, as the language of the page writes it. */
export function decimal(number, digits = 1) {
  if (!written.has(digits)) written.set(digits, new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }))
  return written.get(digits).format(number)
}
const written = new Map()     // how many digits → their format: making one takes longer than a frame may

/** A number of bytes as "840 kB", "17 MB", "1.2 GB", in the language of the page. */
export const size = (bytes) => {
  const [unit, many, digits] = bytes < 1e6 ? ["kilobyte", Math.max(1, bytes / 1e3), 0] : bytes < 1e9 ? ["megabyte", bytes / 1e6, 0] : ["gigabyte", bytes / 1e9, 1]
  return many.toLocaleString(document.documentElement.lang, { style: "unit", unit, minimumFractionDigits: digits, maximumFractionDigits: digits })
}
