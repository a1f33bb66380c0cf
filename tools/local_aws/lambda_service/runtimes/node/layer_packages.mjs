// Lets import statements find the packages of layers, as on Lambda.
//
// Node.js itself looks into NODE_PATH for `require` only.

import path from "node:path";
import { pathToFileURL } from "node:url";

const folders = process.env.NODE_PATH.split(path.delimiter);
const parents = folders.map((folder) => pathToFileURL(`${path.dirname(folder)}/`).href);

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|:/.test(specifier)) throw error;
    for (const parentURL of parents) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // The next layer may have it.
      }
    }
    throw error;
  }
}
