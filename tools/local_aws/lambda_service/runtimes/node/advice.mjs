// What to do about a module that Lambda would find and this machine does not.

import { existsSync } from "node:fs";
import path from "node:path";

const SDK = /Cannot find (?:module|package) '((?:@aws-sdk|@smithy)\/[^/']+)/;

/** Return sentences to add to the message of a failed import; `file` is the handler's, without its extension. */
export function adviceFor(message, root, file) {
  const [, sdk] = SDK.exec(message) ?? [];
  const source = [".ts", ".mts", ".cts", ".tsx"].map((extension) => file + extension).find(existsSync);
  const advice = [];
  if (source !== undefined) {
    advice.push(`${source} must be compiled first: run sam build, and use the template in .aws-sam/build.`);
  }
  if (existsSync(path.join(root, "package.json")) && !existsSync(path.join(root, "node_modules"))) {
    advice.push(`The packages of the function are not installed: run npm install in ${root}.`);
  }
  if (sdk !== undefined) {
    advice.push(
      "Lambda's Node.js runtimes include the AWS SDK for JavaScript. Here it must be among the packages of the " +
        `function: run npm install ${sdk} in ${root}.`,
    );
  }
  return advice;
}
