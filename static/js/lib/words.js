/** "Step {step} of {steps}" with its gaps filled. Sentences come from the page, where they are translated. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap)
