// Runs one function in Node.js: takes its invocations from the Lambda Runtime API and posts what the handler answers.
//
// Names and messages of errors, the wait for an empty event loop and the form of log lines are those of AWS's runtime
// interface client. That client has a native part, which would have to be compiled on each machine.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// https://github.com/aws/aws-lambda-nodejs-runtime-interface-client

import http from "node:http";
import { register } from "node:module";

import { RuntimeError, described } from "./errors.mjs";
import { loadHandler } from "./handler.mjs";
import { logError, patchConsole, setRequestId } from "./log.mjs";

const { env } = process;
const [hostname, port] = env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

let errorPath = "init/error"; // where an error of the present phase belongs; undefined between two invocations
let onEmptyLoop; // ends the running invocation when nothing is left to do

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, agent, path: `/2018-06-01/runtime/${path}` };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Report an error that leaves the process in an unknown state, and end it. */
async function end(title, error, exitCode) {
  logError(title, error);
  // Between invocations nobody waits for an answer, and the only connection waits for the next invocation.
  if (errorPath !== undefined) await call("POST", errorPath, JSON.stringify(described(error))).catch(() => {});
  process.exit(exitCode);
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Run the handler once. The result is the first of a settled promise, a callback, or an event loop without work. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    let isCalled = false;
    const done = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    const succeed = (result) => done(null, result);
    const fail = (error) => done(error ?? "handled");
    const callback = (error, result) => {
      const waits = (error === undefined || error === null) && context.callbackWaitsForEmptyEventLoop;
      if (!isCalled && waits) onEmptyLoop = () => resolve(result);
      else if (!isCalled) done(error, result);
      isCalled = true;
    };
    onEmptyLoop = () => {
      if (handler.constructor.name === "AsyncFunction") reject(neverSettled());
      else resolve(null);
    };
    const returned = handler(event, Object.assign(context, { done, succeed, fail }), callback);
    if (typeof returned?.then === "function") returned.then(succeed, fail);
  });
}

function neverSettled() {
  return new RuntimeError(
    "NodeJsExit",
    "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise " +
      "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
  );
}

function serialized(result) {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch {
    throw new RuntimeError("JSONStringifyError", "Unable to stringify response body");
  }
}

async function serveNext(handler) {
  errorPath = undefined;
  const { headers, text } = await call("GET", "invocation/next");
  const context = contextOf(headers);
  errorPath = `invocation/${context.awsRequestId}/error`;
  setRequestId(context.awsRequestId);
  env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  let path = `invocation/${context.awsRequestId}/response`;
  let body;
  try {
    body = serialized(await run(handler, JSON.parse(text), context));
  } catch (error) {
    logError("Invoke Error", error);
    path = errorPath;
    body = JSON.stringify(described(error));
  }
  onEmptyLoop = undefined;
  await call("POST", path, body);
}

function streamifyResponse() {
  throw new RuntimeError("InvalidStreamingOperation", "Response streaming is not supported by the local runtime.");
}

async function main() {
  patchConsole();
  globalThis.awslambda = { streamifyResponse };
  process.on("uncaughtException", (error) => end("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason) => {
    const error = new RuntimeError("UnhandledPromiseRejection", String(reason), reason);
    end("Unhandled Promise Rejection", error, 128);
  });
  process.on("beforeExit", () => {
    if (onEmptyLoop !== undefined) setImmediate(onEmptyLoop);
  });
  if (env.NODE_PATH) register("./layer_packages.mjs", import.meta.url);
  let handler;
  try {
    handler = await loadHandler(env.LAMBDA_TASK_ROOT, env._HANDLER);
  } catch (error) {
    await end("Uncaught Exception", error, 129);
  }
  for (;;) await serveNext(handler);
}

main();
