/**
 * A page of finished messages with one below them that is being written: what all peers have in common. How texts
 * become elements is the peer's business, when they come and how the end is followed is done here.
 *
 * A peer is `show(column, texts)` for the finished messages, and `begin(column)` for the one that is written, whose
 * `write(part, whole)` is called at most once per frame, and whose `end()` at the end.
 */
import './page.css';

export function article(column) {
  const element = document.createElement('article');
  column.append(element);
  return element;
}

export function serve(peer) {
  const scroller = document.createElement('main');
  const column = document.createElement('div');
  scroller.append(column);
  document.body.append(scroller);
  const follow = () => (scroller.scrollTop = scroller.scrollHeight);

  /** Tokens that were written so far. */
  window.written = 0;

  window.show = (texts) => {
    peer.show(column, texts);
    requestAnimationFrame(follow);
  };

  /** Writes the tokens, so many per second, in pieces of `pieceMs`; 0: whatever is due at a frame. */
  window.stream = (tokens, rate, pieceMs) =>
    new Promise((resolve) => {
      const message = peer.begin(column);
      const began = performance.now();
      let whole = '';
      const frame = () => {
        const passed = performance.now() - began;
        const due = pieceMs > 0 ? Math.floor(passed / pieceMs) * pieceMs : passed;
        const until = Math.min(tokens.length, Math.floor((due * rate) / 1000));
        if (until > window.written) {
          const part = tokens.slice(window.written, until).join('');
          window.written = until;
          whole += part;
          message.write(part, whole);
        }
        const isDone = until === tokens.length;
        if (isDone) message.end();
        follow();
        // Whatever was put off until later is followed, too.
        requestAnimationFrame(isDone ? () => resolve(follow()) : frame);
      };
      requestAnimationFrame(frame);
    });
}
