//! The words of the practice model: pieces of Markdown that read like a helpful answer. Only text, no logic;
//! `{topic}` is what the person asked about.

pub(super) const OPENINGS: [&str; 4] = [
    "Here is a practical way to approach **{topic}**. It starts with a short overview, then goes into the details \
     that usually matter.\n\n",
    "Good question. With **{topic}** it helps to separate what is *urgent* from what is *important*, and to decide \
     early what “done” means.\n\n",
    "Let us take **{topic}** step by step. You can stop after any step and still have something useful.\n\n",
    "In short: **{topic}** is easier than it looks once the first decision is made. Here is how I would go about it.\n\n",
];

pub(super) const LISTS: [&str; 3] = [
    "## First steps\n\n\
     1. **Write down the goal** in one sentence. If it needs two, there are two goals.\n\
     2. **List what you already have**: people, time, notes, tools.\n\
     3. **Pick the smallest piece** that would be useful on its own.\n   \
        - Give it a date.\n   \
        - Give it one owner.\n\
     4. **Show it to somebody** before it is finished.\n\n",
    "## What to look at first\n\n\
     - **Scope** - what is in, and, more usefully, what is *out*.\n\
     - **Risks** - the two or three things that would really hurt:\n  \
       - something takes twice as long,\n  \
       - somebody is away,\n  \
       - an assumption turns out to be wrong.\n\
     - **Signals** - how you will notice early that it goes well.\n\n",
    "## A checklist\n\n\
     - [x] Agree on the outcome\n\
     - [x] Collect open questions\n\
     - [ ] Try the riskiest part first\n\
     - [ ] Write down what was decided, *and why*\n\
     - [ ] Look back after a week\n\n\
     > A plan that fits on one page gets read. A plan that does not gets filed.\n\n",
];

pub(super) const TABLES: [&str; 3] = [
    "## The options side by side\n\n\
     | Option | Effort | Good when | Watch out for |\n\
     |---|:---:|---|---|\n\
     | Start small | low | much is unknown | losing sight of the whole |\n\
     | Plan first | medium | many people depend on it | plans that nobody updates |\n\
     | Copy what works | low | others solved it already | differences that matter |\n\
     | Build anew | high | nothing fits | underestimating the last 20 % |\n\n",
    "## A week at a glance\n\n\
     | Day | Focus | Time | Result |\n\
     |:---|:---|---:|:---|\n\
     | Monday | collect questions | 45 min | one list |\n\
     | Tuesday | try the riskiest part | 2 h | yes or no |\n\
     | Wednesday | build the smallest piece | 3 h | something to show |\n\
     | Thursday | show it, listen | 30 min | three changes |\n\
     | Friday | write down what was learned | 20 min | half a page |\n\n",
    "## Some numbers\n\n\
     | Measure | Before | After | Change |\n\
     |---|---:|---:|---:|\n\
     | Time per task | 42 min | 27 min | −36 % |\n\
     | Open questions | 19 | 6 | −68 % |\n\
     | Rework | 31 % | 12 % | −19 pp |\n\
     | `mean(x)` | 3.14 | 2.72 | −0.42 |\n\n",
];

pub(super) const CODES: [&str; 3] = [
    "## An example in Rust\n\n\
     ```rust\n\
     use std::collections::BTreeMap;\n\
     \n\
     /// Counts how often each word occurs, ignoring case.\n\
     fn count_words(text: &str) -> BTreeMap<String, usize> {\n    \
         let mut counts = BTreeMap::new();\n    \
         for word in text.split_whitespace() {\n        \
             *counts.entry(word.to_lowercase()).or_insert(0) += 1;\n    \
         }\n    \
         counts\n\
     }\n\
     \n\
     fn main() {\n    \
         for (word, count) in count_words(\"to be or not to be\") {\n        \
             println!(\"{word:>5}: {count}\");\n    \
         }\n\
     }\n\
     ```\n\n\
     `BTreeMap` keeps the words in order, so the output is the same every time.\n\n",
    "## An example in Python\n\n\
     ```python\n\
     from dataclasses import dataclass\n\
     \n\
     @dataclass\n\
     class Step:\n    \
         name: str\n    \
         hours: float\n    \
         done: bool = False\n\
     \n\
     steps = [Step(\"collect\", 1.5), Step(\"try\", 2, done=True), Step(\"build\", 3)]\n\
     left = sum(step.hours for step in steps if not step.done)\n\
     print(f\"{left:.1f} hours left\")  # 4.5 hours left\n\
     ```\n\n\
     Run it with `python3 steps.py`; it needs nothing but the standard library.\n\n",
    "## A small query\n\n\
     ```sql\n\
     SELECT author, count(*) AS messages, max(sent_at) AS latest\n\
     FROM message\n\
     WHERE sent_at > date('now', '-7 days') AND deleted_at IS NULL\n\
     GROUP BY author\n\
     HAVING count(*) >= 3\n\
     ORDER BY messages DESC;\n\
     ```\n\n\
     An index on `(sent_at, author)` makes it fast: the week is a *range*, so it comes first.\n\n",
];

pub(super) const PARAGRAPHS: [&str; 4] = [
    "### Why this works\n\n\
     Most of the time goes into decisions that are made too late. When the first piece is small, a wrong decision \
     costs an afternoon, not a month. It also gives everybody something *concrete* to disagree with, which is far more \
     useful than agreeing on something vague.\n\n",
    "### A word of caution\n\n\
     Numbers such as the ones above are easy to quote and hard to compare. Ask where they come from, how they were \
     measured, and what was left out. If nobody knows, treat them as a ~~fact~~ **guess**.\n\n",
    "### Going further\n\n\
     Once the first round is done, repeat it with one change at a time. Keep the old way next to the new one until the \
     difference is clear. See [the notes](https://example.org/notes?a=1&b=2#c) for a longer example, or ask me to go \
     into any of the points above.\n\n",
    "### In one line\n\n\
     *Decide late what you can, early what you must, and write both down.* If $n$ people each need to talk to each \
     other, that is n × (n − 1) ÷ 2 conversations; a shared page is one.\n\n",
];

pub(super) const UNICODE: [&str; 2] = [
    "## Many scripts\n\n\
     - **Greek** Καλημέρα κόσμε · **Cyrillic** Привет, мир · **Vietnamese** Xin chào thế giới\n\
     - **Chinese** 你好，世界。今天天气很好，我们去公园吧。\n\
     - **Japanese** こんにちは世界。カタカナとｶﾀｶﾅ、漢字かな交じり文。\n\
     - **Korean** 안녕하세요 세계 · 한글 (decomposed)\n\
     - **Arabic** مرحبا بالعالم، العدد ١٢٣ · **Hebrew** שלום עולם (שָׁלוֹם)\n\
     - **Hindi** नमस्ते दुनिया · **Thai** สวัสดีชาวโลก · **Tamil** வணக்கம்\n\n",
    "## Marks, emoji and other lengths\n\n\
     | What | Example |\n\
     |---|---|\n\
     | one byte | `a~!` |\n\
     | two bytes | é ß ø Ж ñ |\n\
     | three bytes | € ℝ 漢 ﷽ ー |\n\
     | four bytes | 🙂 🚀 𝔘 𠮷 𓀀 |\n\
     | combining | e\u{301} a\u{308}\u{304} Z\u{351}\u{36b}a\u{33b}lgo\u{321} |\n\
     | joined | 👩\u{200d}👩\u{200d}👧\u{200d}👦 👨🏽\u{200d}💻 🏳\u{fe0f}\u{200d}🌈 |\n\
     | flags, keycaps | 🇩🇪 🇯🇵 1\u{fe0f}\u{20e3} |\n\
     | directions | \u{202b}עברית\u{202c} and \u{2067}عربي\u{2069} in a line |\n\
     | spaces | a\u{a0}b\u{2009}c\u{3000}d\u{200b}e |\n\n",
];

pub(super) const CLOSING: &str = "---\n\nI am SiteSpark's **practice model**, so this answer is only a demonstration. Ask me to \
    *show a table*, *write code* or *use many languages*, or type `/sim tokens=2000`, `/sim slow`, `/sim cut=100` or \
    `/sim fail=overloaded`. `/sim help` lists everything.\n";

pub(super) const THOUGHTS: [&str; 8] = [
    " A short overview first, then the details, would help most.",
    " I should keep the structure clear: headings, a list, and an example where it helps.",
    " What could go wrong here? Perhaps the goal is not precise enough, so I will name it.",
    " Let me compare the options before I recommend one.",
    " A table would make the differences easier to see.",
    " I should say what I am not sure about.",
    " Is there a simpler way? Starting small is usually the safer choice.",
    " One example in code says more than a paragraph, if it is short.",
];
