//! Compiles the texts in `texts/` for `src/texts.rs`. What is wrong with them fails the build.

use std::path::PathBuf;

use texts::Module;

/// In the order of their tables: what the browser has first. Unused texts are found where the visibility is the crate's.
const MODULES: [Module; 4] = [
    Module { name: "chat", visibility: "pub(crate)", is_by_name: false },
    Module { name: "runs", visibility: "pub", is_by_name: true },
    Module { name: "pages", visibility: "pub(crate)", is_by_name: false },
    Module { name: "server", visibility: "pub", is_by_name: false },
];

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=texts");
    let has = |feature: &str| std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    if !has("PAGES") {
        return Ok(());
    }
    match texts::compile("texts".as_ref(), &MODULES, has("SSR")) {
        Ok(code) => {
            let folder = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
            std::fs::write(folder.join("texts.rs"), code)
        }
        Err(wrong) => {
            for wrong in wrong {
                println!("cargo::error=app/texts/{wrong}");
            }
            Ok(())
        }
    }
}
