//! Where somebody goes after signing in: to a path of this server and to no other place.

use std::fmt::Write;

/// The longest path that is kept.
const PATH_BYTES: usize = 512;

/// The path if it can only be one of our own. What could be read as another host by any browser is refused: `//host`,
/// `/\host`, and the same with white space in between, which browsers leave out.
pub fn own_path(path: &str) -> Option<&str> {
    let is_own = path.len() <= PATH_BYTES
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_own.then_some(path)
}

/// The address of a page that leads on to `next`.
pub fn with_next(page: &str, next: Option<&str>) -> String {
    let Some(next) = next.and_then(own_path) else { return page.to_owned() };
    let mut address = format!("{page}?next=");
    for byte in next.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                address.push(char::from(byte));
            }
            // Writing to a string can't fail.
            byte => _ = write!(address, "%{byte:02X}"),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_pass() {
        for path in ["/", "/room/1", "/room/1?message=2#m-2", "/invite/a/b", "/a//b", "/?next=//x"] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in [
            "",
            "room",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "/\t/evil.example",
            "/\n/evil.example",
            "/ /evil.example",
            " //evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\u{2f}\u{ff0f}evil",
            "/é",
            "/a\r\nset-cookie: b",
        ] {
            assert_eq!(own_path(path), None, "{path:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(PATH_BYTES))), None);
    }

    #[test]
    fn the_way_on_is_one_value_of_the_query() {
        assert_eq!(
            with_next("/sign-in", Some("/room/1?a=b&c=d#e")),
            "/sign-in?next=/room/1%3Fa%3Db%26c%3Dd%23e"
        );
        assert_eq!(with_next("/sign-in", Some("//evil.example")), "/sign-in");
        assert_eq!(with_next("/sign-in", None), "/sign-in");
    }
}
