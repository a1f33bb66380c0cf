// The errors that the runtime itself reports, and the form in which Lambda passes errors on.

import { types } from "node:util";

/** An error of the runtime, named `Runtime.<kind>`. Its stack is that of `cause`, which shows the place in the code. */
export class RuntimeError extends Error {
  constructor(kind, message, cause) {
    super(message);
    Object.defineProperty(this, "name", { value: `Runtime.${kind}` });
    this.stack = `${this.name}: ${cause?.stack ?? message}`;
  }
}

/** The error as the Runtime API takes it. Anything can be thrown in JavaScript, so this never throws itself. */
export function described(error) {
  try {
    if (types.isNativeError(error) || isErrorLike(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: "handled", errorMessage: "the error cannot be read", trace: [] };
  }
}

function isErrorLike(value) {
  return [value?.name, value?.message, value?.stack].every((part) => typeof part === "string" && part !== "");
}
