//! The command: a value that is wrong, or a place that can't be used, is one clear line and a failure, never a panic.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncBufReadExt;
use tokio::process::Command;

use crate::support::soon;

struct Output {
    code: Option<i32>,
    error: String,
}

fn sitespark(data: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitespark"));
    command
        .env_clear()
        .args(["--addr", "127.0.0.1:0", "--data", data])
        .kill_on_drop(true)
        .stdin(Stdio::null());
    command
}

async fn failing(mut command: Command) -> Output {
    let output = soon("the command to end", command.output()).await.unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!error.contains("panicked"), "{error}");
    Output { code: output.status.code(), error }
}

#[tokio::test]
async fn a_wrong_value_names_its_flag_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for (name, value, words) in [
        ("SITESPARK_PUBLIC_URL", "chat.example.org", "expected an origin such as"),
        ("SITESPARK_PUBLIC_URL", "https://chat.example.org/path", "expected an origin such as"),
        ("PORT", "70000", "--port"),
        ("PORT", "http", "--port"),
        ("SITESPARK_MESSAGES_PER_MINUTE", "0", "--messages-per-minute"),
        ("SITESPARK_MESSAGE_BYTES", "many", "--message-bytes"),
        ("SITESPARK_FRAME_BYTES", "1", "--frame-bytes"),
        ("SITESPARK_MESSAGE_BYTES", "65536", "SITESPARK_FRAME_BYTES"),
        ("SITESPARK_CONNECTIONS_PER_USER", "-1", "--connections-per-user"),
        ("KIMI_BASE_URL", "not an address", "KIMI_BASE_URL"),
    ] {
        let mut command = sitespark(data.to_str().unwrap());
        command.env(name, value);
        let output = failing(command).await;
        assert!(output.code.is_some_and(|code| code != 0), "{name}={value}");
        let first = output.error.lines().next().unwrap();
        assert!(first.starts_with("error: "), "{name}={value}: {}", output.error);
        assert!(first.contains(words), "{name}={value}: {first}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitespark"));
    command.env_clear().env("SITESPARK_ADDR", "localhost");
    let output = failing(command).await;
    assert!(
        output.code != Some(0) && output.error.lines().next().unwrap().contains("--addr"),
        "{}",
        output.error
    );
    assert!(
        !data.exists()
            || std::fs::read_dir(&data).unwrap().next().is_none()
            || data.join("sitespark.db").exists()
    );
}

#[tokio::test]
async fn a_taken_port_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut command = sitespark(folder.path().join("data").to_str().unwrap());
    command.env("PORT", port.to_string());
    let output = failing(command).await;
    assert_eq!(output.code, Some(1));
    let expected = format!(
        "error: 127.0.0.1:{port} is in use. Stop what uses it, or choose another by PORT or SITESPARK_ADDR.\n"
    );
    assert_eq!(output.error, expected);
    assert!(!folder.path().join("data").exists(), "nothing else was done");
}

#[tokio::test]
async fn a_data_folder_that_can_not_be_written_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"not a folder").unwrap();
    for data in [file.clone(), file.join("below")] {
        let output = failing(sitespark(data.to_str().unwrap())).await;
        assert_eq!((output.code, output.error.lines().count()), (Some(1), 1), "{}", output.error);
        assert!(
            output.error.contains("can't write to the data folder")
                && output.error.contains("SITESPARK_DATA")
        );
    }
}

#[tokio::test]
async fn a_database_that_is_none_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("sitespark.db"),
        "no database at all, but long enough to be read as one".repeat(100),
    )
    .unwrap();
    let output = failing(sitespark(folder.path().to_str().unwrap())).await;
    assert_eq!((output.code, output.error.lines().count()), (Some(1), 1), "{}", output.error);
    assert!(output.error.contains("can't open the database"), "{}", output.error);
}

/// Starts it and gives back its address.
async fn running(command: &mut Command) -> (tokio::process::Child, String, Vec<String>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while let Some(line) = soon("a line", lines.next_line()).await.unwrap() {
        said.push(line);
        if said.last().unwrap().starts_with("Stop it") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let address = said[0].rsplit("http://").next().unwrap().to_owned();
    (child, address, said)
}

#[tokio::test]
async fn it_says_where_it_is_and_which_model_answers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    // A variable that is set to nothing is not set.
    let (_child, address, said) =
        running(sitespark(data).env("KIMI_API_KEY", "").env("KIMI_BASE_URL", "").env("RUST_LOG", "error"))
            .await;
    assert!(said[1].contains("practice model"), "{said:?}");
    let answer = crate::support::Visitor::new(address.parse().unwrap()).get("/health", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (_child, _, said) = running(sitespark(data).env("KIMI_API_KEY", "sk-secret")).await;
    assert!(said[1].contains("`kimi-k3` answers"), "{said:?}");
    assert!(!said.concat().contains("sk-secret"));
}

#[tokio::test]
async fn a_signal_ends_it_and_says_goodbye_to_its_connections() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, address, _) = running(&mut sitespark(folder.path().to_str().unwrap())).await;
    let account = crate::support::Visitor::new(address.parse().unwrap()).register("Ana").await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(account.connect().await);
    }
    let id = child.id().unwrap().to_string();
    std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
    for socket in &mut sockets {
        socket.ends_with(app::protocol::CloseCode::Drain).await;
    }
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status:?}");
}

/// Both signals are the operator's wish to end; the second time at once.
#[tokio::test]
async fn a_signal_drains_and_a_second_one_ends_at_once() {
    for first in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = sitespark(folder.path().join("data").to_str().unwrap());
        command.args(["--drain-seconds", "600"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut lines = tokio::io::BufReader::new(process.stdout.take().unwrap()).lines();
        let address = soon("the address", async {
            loop {
                let line = lines.next_line().await.unwrap().unwrap();
                if let Some((_, address)) = line.split_once("open http://") {
                    return address.parse().unwrap();
                }
            }
        })
        .await;
        // Somebody who has to be waited for.
        let mut socket = crate::support::Visitor::new(address).register("Ana").await.connect().await;
        let id = process.id().unwrap().to_string();
        let send = async |signal: &str| {
            let kill = Command::new("kill").args([&format!("-{signal}"), &id]).status();
            assert!(soon("the signal", kill).await.unwrap().success());
        };
        send(first).await;
        let visitor = crate::support::Visitor::new(address);
        crate::support::eventually("the drain", async || {
            (visitor.get("/ready", &[]).await.status == 503).then_some(())
        })
        .await;
        send("TERM").await;
        let status = soon("the end", process.wait()).await.unwrap();
        assert!(status.success(), "{first}: {status}");
        assert!(matches!(
            socket.end().await,
            crate::support::End::Broken | crate::support::End::Closed(4100)
        ));
    }
}
