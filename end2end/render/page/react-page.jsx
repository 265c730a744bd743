/** A page of a React component: messages that are finished are memoised, so that only the last one is drawn again. */
import { memo, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { serve } from './page.js';

/** `Markdown` takes the text as its children, and whether it still `grows`. */
export function serveReact(Markdown) {
  const Finished = memo(({ text }) => (
    <article>
      <Markdown grows={false}>{text}</Markdown>
    </article>
  ));
  let set;
  const Page = () => {
    const [page, setPage] = useState({ texts: [], running: null, grows: false });
    set = (change) => flushSync(() => setPage((before) => ({ ...before, ...change })));
    return (
      <>
        {page.texts.map((text, index) => (
          <Finished key={index} text={text} />
        ))}
        {page.running !== null && (
          <article>
            <Markdown grows={page.grows}>{page.running}</Markdown>
          </article>
        )}
      </>
    );
  };
  serve({
    show: (column, texts) => {
      flushSync(() => createRoot(column).render(<Page />));
      set({ texts });
    },
    begin: () => ({
      write: (_, whole) => set({ running: whole, grows: true }),
      end: () => set({ grows: false }),
    }),
  });
}
