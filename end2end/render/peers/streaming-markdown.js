import { default_renderer, parser, parser_end, parser_write } from 'streaming-markdown';

import { article, serve } from '../page/page.js';

function begin(column) {
  const state = parser(default_renderer(article(column)));
  return { write: (part) => parser_write(state, part), end: () => parser_end(state) };
}

serve({
  show: (column, texts) =>
    texts.forEach((text) => {
      const message = begin(column);
      message.write(text);
      message.end();
    }),
  begin,
});
