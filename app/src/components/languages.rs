//! The choice of the language, for wherever it stands: a form without any script, that only the server writes.

use crate::chat::Html;
use crate::texts::{self, LANGUAGES};

pub(crate) fn languages() -> String {
    let mut html = Html::default();
    html.tag("<form class=\"languages\" method=\"post\" action=\"/account/language\" aria-label=\"");
    html.text(texts::pages::language_choose()).tag("\">");
    for language in LANGUAGES {
        html.tag("<button class=\"quiet\" type=\"submit\" name=\"language\" value=\"").text(language.tag());
        html.tag("\" lang=\"").text(language.tag()).tag("\" aria-pressed=\"");
        html.tag(if *language == texts::language() { "true" } else { "false" }).tag("\">");
        html.text(language.name()).tag("</button>");
    }
    html.tag("</form>");
    html.take()
}
