// Finds the handler: `folder/module.export`, in a CommonJS or an ES module.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { RuntimeError } from "./errors.mjs";

const require = createRequire(import.meta.url);
const EXTENSIONS = ["", ".js", ".mjs", ".cjs"];
const MISSING = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"];
const SDK = /Cannot find (?:module|package) '((?:@aws-sdk|@smithy)\/[^/']+)/;

/** Return the function that `name` stands for. Throws what Lambda reports when a function cannot be loaded. */
export async function loadHandler(root, name) {
  if (name.includes("..")) {
    throw new RuntimeError("MalformedHandlerName", `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
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
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
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
    const found = EXTENSIONS.map((extension) => file + extension).find(existsSync);
    return await import(pathToFileURL(found ?? require.resolve(path.basename(file), { paths: [root, path.dirname(file)] })));
  } catch (error) {
    if (MISSING.includes(error?.code)) explain(error, root);
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", String(error), error);
    if (error?.code === "MODULE_NOT_FOUND") throw new RuntimeError("ImportModuleError", String(error), error);
    throw error;
  }
}

/** Say what to do about an AWS SDK that Lambda has and this machine has not. */
function explain(error, root) {
  const [, name] = SDK.exec(error.message) ?? [];
  if (name === undefined) return;
  error.message +=
    `\nLambda's Node.js runtimes include the AWS SDK for JavaScript. Here it must be among the packages of the function: run npm install ${name} in ${root}.`;
}
