// A whole SiteSpark client: signs in, asks one question, prints the reply as it comes, and survives whatever happens
// to its connection. PROTOCOL.md explains every frame. Needs Node and the package `ws`:
//
//     node client.mjs http://127.0.0.1:3000 ana@example.org 'her password' 'Will it rain tomorrow?'
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

const [url, email, password, question] = process.argv.slice(2);
if (!question) throw new Error('usage: client.mjs URL EMAIL PASSWORD QUESTION');

const form = new URLSearchParams({ email, password });
const signIn = await fetch(`${url}/account/sign-in`, { method: 'POST', body: form, redirect: 'manual' });
const cookie = signIn.headers.get('set-cookie')?.match(/sitespark_session=[^;]+/)?.[0];
if (!cookie) throw new Error('The e-mail address or the password is wrong.');

const room = randomUUID();
const command = (type, payload) => ({ type, id: randomUUID(), payload: { room, ...payload } });
// What is not answered yet. It is sent again on every connection: its `id` makes it happen once.
const outbox = [command('room:create', { title: '' }), command('chat:message', { text: question })];
const asked = outbox[1].id;
const ended = ['done', 'stopped', 'failed', 'interrupted'];
let cursor; // How far this client has got in the room's log.
let reply; // The message that answers: its two texts as bytes, its attempt and its run.
let handles; // Handle -> which of the two texts; new with every connection.
let failures = 0;

const isComplete = () => ended.includes(reply?.run.status) && reply.text.length >= reply.run.text_length;

function setAttempt(attempt) {
  if (attempt > reply.attempt) Object.assign(reply, { attempt, thinking: Buffer.alloc(0) });
}

function onPart(socket, [handle, offset, piece]) {
  const which = handles.get(handle);
  if (!which) return;
  // After a gap, the next `hello` says what is missing.
  if (offset > reply[which].length) return socket.terminate();
  const added = Buffer.from(piece).subarray(reply[which].length - offset);
  reply[which] = Buffer.concat([reply[which], added]);
  if (which === 'text') process.stdout.write(added);
}

function onEvent(socket, { type, seq, payload }) {
  if (!cursor || seq <= cursor.seq) return;
  if (seq > cursor.seq + 1) return socket.terminate();
  cursor.seq = seq;
  if (type === 'chat:message' && payload.parent === asked && payload.run) {
    reply = { id: payload.id, attempt: 1, text: Buffer.alloc(0), thinking: Buffer.alloc(0), run: payload.run };
  } else if (type === 'chat:run' && payload.message === reply?.id) {
    reply.run = payload.run;
    setAttempt(payload.run.attempt);
  }
}

function onFrame(socket, frame) {
  const send = (frame) => socket.send(JSON.stringify(frame));
  if (Array.isArray(frame)) return onPart(socket, frame);
  const { type, payload } = frame;
  if (type === 'session:welcome') {
    failures = 0;
    // The room is this client's own and new, so it can begin at the head without a snapshot, and ask only then.
    (cursor ? outbox : [outbox[0], command('room:subscribe')]).forEach(send);
  } else if (type === 'room:subscribed') {
    cursor = payload.cursor;
    outbox.forEach(send);
  } else if (type === 'chat:stream' && payload.message === reply?.id) {
    setAttempt(payload.attempt);
    handles.set(payload.text.handle, 'text').set(payload.thinking.handle, 'thinking');
  } else if (type === 'ack') {
    outbox.splice(0, outbox.length, ...outbox.filter(({ id }) => id !== frame.id));
  } else if (type === 'error') {
    throw new Error(payload.message);
  } else if (frame.log === room) {
    onEvent(socket, frame);
  }
}

async function connect() {
  const answer = await fetch(`${url}/api/ticket`, { method: 'POST', headers: { cookie } }).catch(() => undefined);
  if (answer?.status === 401 || answer?.status === 403) throw new Error('The server refuses this account.');
  if (!answer?.ok) return;
  const { ticket } = await answer.json();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, ['sitespark.v1', `ticket.${ticket}`]);
  handles = new Map();
  const { id: message, attempt, text, thinking } = reply ?? {};
  const messages = reply ? [{ message, attempt, text: text.length, thinking: thinking.length }] : [];
  const payload = { version: 1, client: 'example/1.0', rooms: cursor ? [{ room, cursor, messages }] : [] };
  socket.on('open', () => socket.send(JSON.stringify({ type: 'session:hello', payload })));
  socket.on('message', (text) => {
    onFrame(socket, JSON.parse(text));
    if (isComplete()) socket.close();
  });
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
}

for (await connect(); !isComplete(); await connect()) {
  // Full jitter: the next try is at any moment up to a bound that doubles.
  await sleep(Math.random() * Math.min(30_000, 500 * 2 ** failures++));
}
