// The console as Lambda has it: each call writes one line, as text or as JSON.
//
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html

import { format } from "node:util";

import { described } from "./errors.mjs";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
};

const isJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
let requestId;

/** Lines that follow belong to this invocation. */
export function setRequestId(id) {
  requestId = id;
}

/** Replace the console's methods. Levels below AWS_LAMBDA_LOG_LEVEL write nothing. */
export function patchConsole() {
  const lowest = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  const line = isJson ? jsonLine : textLine;
  for (const [method, level] of Object.entries(METHODS)) {
    const isWritten = LEVELS.indexOf(level) >= lowest;
    console[method] = isWritten ? (...values) => write(line(level, values)) : () => {};
  }
}

/** Log an error that ends an invocation or the process. */
export function logError(title, thrown) {
  const error = thrown instanceof Error ? thrown : new Error(described(thrown).errorMessage);
  if (isJson) console.error(error);
  else console.error(title, `\t${textOf(error)}`);
}

function write(line) {
  // A carriage return keeps an entry of several lines together.
  process.stdout.write(`${line.replaceAll("\n", "\r")}\n`);
}

function textLine(level, values) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`;
}

function jsonLine(level, values) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...entry, message: values[0] }, withErrors);
    } catch {
      return JSON.stringify({ ...entry, message: format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...entry, message: format(...values), ...(error && fieldsOf(error)) });
}

function withErrors(_key, value) {
  return value instanceof Error ? { ...fieldsOf(value), ...value } : value;
}

function fieldsOf(error) {
  return { errorType: error.name, errorMessage: error.message, stackTrace: String(error.stack).split("\n") };
}

function textOf(error) {
  const { name: errorType, message: errorMessage, code } = error;
  const fields = { errorType, errorMessage, code, ...error, stack: String(error.stack).split("\n") };
  try {
    return JSON.stringify(fields);
  } catch {
    return JSON.stringify({ errorType, errorMessage, stack: fields.stack });
  }
}
