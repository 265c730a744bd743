/** `marked` leaves it to others to make its HTML safe: with DOMPurify, as its documentation asks. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';

import { article, serve } from '../page/page.js';

const draw = (element, text) => (element.innerHTML = DOMPurify.sanitize(marked.parse(text)));

serve({
  show: (column, texts) => texts.forEach((text) => draw(article(column), text)),
  begin: (column) => {
    const element = article(column);
    return { write: (_, whole) => draw(element, whole), end: () => {} };
  },
});
