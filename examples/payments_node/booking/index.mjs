// Sends each payment to the accounting system.

export const handler = async (event) => {
  for (const record of event.Records) {
    const payment = JSON.parse(Buffer.from(record.kinesis.data, "base64").toString());
    await book(payment);
  }
};

// PUT with the payment's id: a payment that is delivered twice is booked once.
async function book({ paymentId, ...booking }) {
  const answer = await fetch(`${process.env.ACCOUNTING_URL}/bookings/${encodeURIComponent(paymentId)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(booking),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`payment ${paymentId}: accounting answered ${answer.status}`);
}
