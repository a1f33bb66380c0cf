// Finds the handler: `folder/module.export`, in a CommonJS or an ES module.

import { statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { adviceFor } from "./advice.mjs";
import { RuntimeError } from "./errors.mjs";

const require = createRequire(import.meta.url);
const EXTENSIONS = ["", ".js", ".mjs", ".cjs"];
const MISSING = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"];

/** Return the function that `name` stands for. Throws what Lambda reports when a function cannot be loaded. */
export async function loadHandler(root, name) {
  if (name.includes("..")) {
    throw new RuntimeError(
      "MalformedHandlerName",
      `'${name}' is not a valid handler name. ` +
        "Use absolute paths when specifying root directories in handler names.",
    );
  }
  const [, folder, module, exported] = /^(.*\/)?([^./]*)\.([^/]*)$/.exec(name) ?? [];
  if (exported === undefined) throw new RuntimeError("MalformedHandlerName", "Bad handler");
  const loaded = await load(root, path.resolve(root, folder ?? "", module));
  const handler = member(loaded, exported) ?? member(loaded.default, exported);
  if (!handler) throw new RuntimeError("HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new RuntimeError("HandlerNotFound", `${name} is not a function`);
  if (handler.length >= 3 && majorOfRuntime() >= 24) {
    throw new RuntimeError(
      "CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need " +
        "to modify this function to use a supported handler signature to use Node.js 24 or later. " +
        "For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return handler;
}

function member(module, names) {
  return names.split(".").reduce((value, name) => value?.[name], module);
}

function majorOfRuntime() {
  return Number(/\d+/.exec(process.env.AWS_EXECUTION_ENV));
}

async function load(root, file) {
  try {
    const found = EXTENSIONS.map((extension) => file + extension).find(isFile);
    return await import(pathToFileURL(found ?? resolved(root, file)));
  } catch (error) {
    if (MISSING.includes(error?.code)) {
      error.message = [error.message, ...adviceFor(error.message, root, file)].join("\n");
    }
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", String(error), error);
    if (error?.code === "MODULE_NOT_FOUND") throw new RuntimeError("ImportModuleError", String(error), error);
    throw error;
  }
}

function isFile(file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Find a handler's module that is no file: a folder with an index.js, or a package of the function. */
function resolved(root, file) {
  try {
    return require.resolve(file);
  } catch {
    return require.resolve(path.basename(file), { paths: [root, path.dirname(file)] });
  }
}
