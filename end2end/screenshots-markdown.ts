/** Pictures of everything that Markdown becomes, in a reply and in somebody's own words. Not a test. */
import { expect, test } from './support/fixtures.ts';
import { LOOKS } from './support/pictures.ts';

const WORDS = `# First heading
## Second
### Third
#### Fourth
Words with *emphasis*, **weight**, ~~what is struck~~, \`code\`, [a link](https://example.org "Its title"), <https://example.org>, a footnote[^1] and another[^long]. A hard break\\
comes here.

[^1]: The first footnote.
[^long]: A longer one, with \`code\`.

    And a second paragraph.

> A quotation with a list:
> 1. one
> 2. two
>
> > And a quotation in it.

- [x] Done, with \`code\`
- [ ] Not done
  - [ ] Nested
- No task
  1. numbered
  2. more
     - deep

     A paragraph of the item.
     \`\`\`js
     let inside = "a list";
     \`\`\`

---

<details><summary>Raw HTML</summary> is text.</details>

[reference]: https://example.org/defined "defined"

See the [reference], and ![a picture of rain](https://example.org/rain.png).

Averylongwordthatdoesnotendbecausenobodyhasputaspaceintoitandthatmustnotmakethepagewiderthanitisononatelephone https://example.org/a/very/long/address/that/goes/on/and/on/and/on/and/on/and/on?with=parameters&and=more`;

const TABLES = `| Day | Place | What it costs | Remarks that are long |
|:--|:-:|--:|---|
| Saturday | Kota Tua | 45,000 | The old town is best in the morning, before the heat comes |
| Sunday | *Ancol* | 125,000 | \`closed\` on rainy days<br>and on Mondays |

\`\`\`rust
fn main() {
    let text = "a long line that does not end soon, so that it has to scroll in its own box or be wrapped"; // at last
    println!("{text}");
}
\`\`\`

\`\`\`
without a language
\`\`\`

The area is $A = \\pi r^2$, and the sum $\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$ is well known; $\\unknown{x}$ is not.

$$
x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} \\qquad \\boxed{E = mc^2}
$$

$$
\\begin{aligned} f(x) &= \\int_{-\\infty}^{\\infty} \\hat f(\\xi)\\, e^{2 \\pi i \\xi x} \\, d\\xi \\\\ &\\le \\left( \\sum_{k=0}^{N} \\left| a_k \\right|^2 \\right)^{1/2} \\end{aligned}
$$

$$
\\begin{pmatrix} 1 & 2 & 3 \\\\ 4 & 5 & 6 \\end{pmatrix} \\begin{cases} x^2 & \\text{if } x \\ge 0 \\\\ -x & \\text{otherwise} \\end{cases} \\begin{array}{c|c} A & B \\\\ \\hline 0 & 1 \\end{array} \\cancel{x} + \\vec{v} \\cdot \\overline{AB} + \\underbrace{a + b}_{n}
$$

$$
a = x_1 + x_2 + x_3 + x_4 + x_5 + x_6 + x_7 + x_8 + x_9 + x_{10} + x_{11} + x_{12} + x_{13} + x_{14} + x_{15} + x_{16} + x_{17} + x_{18} + x_{19} + x_{20}
$$

$$
\\frac{unfinished
$$

هذه فقرة من اليمين إلى اليسار مع \`code\` و **كلمات** مهمة.

> اقتباس من اليمين إلى اليسار

- عنصر أول
- عنصر ثان`;

const SHOT = { animations: 'disabled' } as const;

for (const { name, options, picture } of LOOKS) {
  test.describe(name, () => {
    test.use(options);
    test.setTimeout(180_000);

    test('all of Markdown', async ({ chat, context, page, simulator }) => {
      await context.route('https://example.org/**', (route) => route.abort());
      for (const [state, text] of Object.entries({ words: WORDS, tables: TABLES })) {
        await simulator.script({ match: state, text, rate: 0, no_thinking: true });
        await page.goto('/');
        await chat.untilLive();
        await chat.ask(`${state}\n\n${text}`);
        await chat.untilStatus('done');
        await expect(page.locator('[data-rich]')).toHaveCount(0);
        // All of it at once.
        await page.addStyleTag({ content: '.messages { overflow: visible !important } html, body, .workspace, .room { height: auto !important }' });
        const said = chat.said.first();
        await said.screenshot({ ...SHOT, path: `../target/screenshots/markdown-said-${state}-${name.replace(', ', '-')}.png` });
        await chat.reply.screenshot({ ...SHOT, path: `../target/screenshots/markdown-${state}-${name.replace(', ', '-')}.png` });
        for (const scroller of ['html', '.messages']) {
          expect(await page.locator(scroller).evaluate((box) => box.scrollWidth - box.clientWidth), scroller).toBe(0);
        }
      }
      await page.reload();
      await chat.untilLive();
      await picture(page, 'markdown-end');
    });
  });
}
