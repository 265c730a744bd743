/** The floor: text and its lines, and nothing of Markdown. */
import { article, serve } from '../page/page.js';

class PlainText {
  constructor(element) {
    this.element = element;
    this.line();
  }

  line() {
    const line = document.createElement('div');
    line.className = 'line';
    this.text = new Text();
    line.append(this.text);
    this.element.append(line);
  }

  write(part) {
    const [first, ...others] = part.split('\n');
    this.text.appendData(first);
    for (const other of others) {
      this.line();
      this.text.appendData(other);
    }
  }

  end() {}
}

serve({
  show: (column, texts) => texts.forEach((text) => new PlainText(article(column)).write(text)),
  begin: (column) => new PlainText(article(column)),
});
