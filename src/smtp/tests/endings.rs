//! How conversations end that should not go on: limits, slowness, and a service that stops.

use std::time::Duration;

use super::support::{MAIL, Memory, RCPT, Served, config};

const SOON: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_line_too_long_is_answered_and_survived() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.send(format!("NOOP {}\r\nNOOP\r\n", "x".repeat(300_000))).await;
    client.expect("500 5.5.2").await;
    client.expect("250 2.0.0").await;
}

#[tokio::test]
async fn a_bare_lf_is_answered_and_ends_the_session() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.send(format!("NOOP\n{MAIL}")).await;
    client.expect("500 5.5.2").await;
    client.expect_end().await;
}

#[tokio::test]
async fn a_browser_is_not_spoken_to() {
    let served = Served::start(config()).await;
    let mut client = served.connect().await;
    client.send(format!("POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO a\r\n{MAIL}{RCPT}")).await;
    client.expect("220").await;
    client.expect("502 5.5.1").await;
    client.expect_end().await;
}

#[tokio::test]
async fn too_many_connections_are_turned_away_and_let_in_later() {
    let mut config = config();
    config.limits.connections_per_peer = 2;
    let served = Served::start(config).await;
    let mut first = served.greeted().await;
    let _second = served.greeted().await;
    let mut third = served.connect().await;
    third.expect("421 4.7.0").await;
    third.expect_end().await;
    first.ask("QUIT\r\n", "221").await;
    // The place is free as soon as the goodbye can be read.
    served.greeted().await;
}

#[tokio::test]
async fn all_together_have_a_limit_too() {
    let mut config = config();
    config.limits.connections = 1;
    let served = Served::start(config).await;
    let _first = served.greeted().await;
    served.connect().await.expect("421 4.7.0").await;
}

#[tokio::test]
async fn a_silent_or_dripping_client_is_not_waited_for() {
    let mut config = config();
    config.limits.command_time = SOON;
    let served = Served::start(config).await;
    let mut silent = served.greeted().await;
    silent.expect("421 4.4.2").await;
    silent.expect_end().await;

    let mut dripping = served.greeted().await;
    #[expect(clippy::disallowed_methods, reason = "a bound on work, not a decision")]
    let began = std::time::Instant::now();
    let drip = async {
        for _ in 0..200 {
            dripping.send("N").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, drip).await.expect_err("the drip goes on");
    dripping.expect("421 4.4.2").await;
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_message_that_stalls_is_given_up() {
    let mut config = config();
    config.limits.data_time = SOON;
    let served = Served::start(config).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.send("half").await;
    client.expect("421 4.4.2").await;
    client.expect_end().await;
    served.quiet().await;
    assert!(served.bodies().is_empty());
}

#[tokio::test]
async fn a_message_that_drips_is_given_up() {
    let mut config = config();
    config.limits.data_grace = SOON;
    let served = Served::start(config).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    let drip = async {
        for _ in 0..10 {
            client.send("drip").await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    drip.await;
    client.expect("421 4.4.2").await;
    served.quiet().await;
    assert!(served.bodies().is_empty());
}

#[tokio::test]
async fn a_session_has_so_many_bytes_and_so_long() {
    let mut few = config();
    few.limits.session_bytes = 1000;
    let served = Served::start(few).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.send(format!("{}\r\n.\r\n", "x".repeat(2000))).await;
    client.expect("250 2.0.0").await;
    client.expect("421 4.7.0").await;

    let mut short = config();
    short.limits.session_time = SOON;
    let served = Served::start(short).await;
    let mut client = served.greeted().await;
    tokio::time::sleep(SOON * 2).await;
    client.send("NOOP\r\n").await;
    client.expect("250").await;
    client.expect("421 4.7.0").await;
}

#[tokio::test]
async fn a_stop_ends_idle_sessions_and_lets_mails_finish() {
    let served = Served::start(config()).await;
    let mut idle = served.greeted().await;
    let mut between = served.greeted().await;
    between.ask(MAIL, "250").await;
    let mut busy = served.greeted().await;
    busy.begin_mail().await;
    busy.send("half, ").await;
    served.stop.send(true).unwrap();
    idle.expect("421 4.3.2").await;
    idle.expect_end().await;
    between.expect("421 4.3.2").await;
    drop((idle, between));
    busy.ask("and the rest\r\n.\r\n", "250 2.0.0").await;
    busy.expect("421 4.3.2").await;
    drop(busy);
    served.task.await.unwrap();
    assert!(tokio::net::TcpStream::connect(served.address).await.is_err());
    assert_eq!(served.memory.kept.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let mut config = config();
    config.limits.stop_time = SOON;
    let memory = Memory { gate: Some(tokio::sync::Semaphore::new(0)), ..Memory::default() };
    let served = Served::with(config, memory).await;
    let mut stuck = served.greeted().await;
    stuck.begin_mail().await;
    stuck.send("never committed\r\n.\r\n").await;
    served.receiving(1).await;
    served.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(10), served.task).await.expect("it stops").unwrap();
    stuck.expect_end().await;
    assert!(served.memory.kept.lock().unwrap().is_empty());
    assert_eq!(served.memory.open.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_anybody_to_stop_it_the_door_closes() {
    let Served { stop, task, .. } = Served::start(config()).await;
    drop(stop);
    tokio::time::timeout(Duration::from_secs(10), task).await.expect("it stops").unwrap();
}
