// An accounting system to try the example with: `node accounting.mjs [PORT]`.
//
//   PUT /accounts/NAME        opens an account
//   PUT /bookings/ID          books {"account": NAME, "amount": …}; 422 if the account is not open
//   GET /bookings             answers all bookings, by their ids
//   PUT, DELETE /outage       begins and ends an outage: bookings are answered with 503

import { createServer } from "node:http";

const accounts = new Set(["giro"]);
const bookings = {};
let outage = false;

async function answer(request) {
  const [, collection, name] = request.url.split("/");
  switch (`${request.method} ${collection}`) {
    case "PUT accounts":
      accounts.add(name);
      return [204];
    case "PUT outage":
    case "DELETE outage":
      outage = request.method === "PUT";
      return [204];
    case "GET bookings":
      return [200, bookings];
    case "PUT bookings": {
      if (outage) return [503];
      const booking = JSON.parse(await body(request));
      if (!accounts.has(booking.account)) return [422];
      bookings[name] = booking;
      return [204];
    }
    default:
      return [404];
  }
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const server = createServer(async (request, response) => {
  const [status, document] = await answer(request);
  console.log(`${request.method} ${request.url} ${status}`);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(document && JSON.stringify(document));
});

server.listen(Number(process.argv[2] ?? 9000), "127.0.0.1", () => {
  console.log(`ready http://127.0.0.1:${server.address().port}`);
});
