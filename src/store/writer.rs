//! The one writer of a SQLite database: units that wait at the same moment commit together.
//!
//! ```text
//! unit ─┐
//! unit ─┼─> BEGIN IMMEDIATE ─ savepoint, work, events, release ─ … ─ COMMIT (one fsync) ─> all answered
//! unit ─┘
//! ```
//!
//! A named constraint or a conflict rolls back its own savepoint only; any other error rolls back
//! the batch and fails every unit in it. Nobody is answered before the commit.

use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::doors::{Unit, UnitConn};
use super::{StoreError, Work};
use crate::clock::Clock;

/// Most units in one commit.
const BATCH: usize = 64;
/// Most units that wait; more wait in their callers.
const QUEUE: usize = 1024;

/// A unit of work with its answer already taken care of.
pub(super) type Job = Box<dyn for<'u> FnOnce(&'u mut Unit) -> Work<'u, ()> + Send>;

type Reply = oneshot::Sender<Result<(), StoreError>>;

enum Order {
    Run(Job, Reply),
    Stop(oneshot::Sender<()>),
}

/// The writer's front desk.
pub(super) struct Writer {
    desk: mpsc::Sender<Order>,
}

impl Writer {
    pub(super) fn start(conn: SqliteConnection, clock: Clock) -> Self {
        let (desk, orders) = mpsc::channel(QUEUE);
        tokio::spawn(work(Box::new(conn), orders, clock));
        Self { desk }
    }

    pub(super) async fn run(&self, job: Job) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let closed = || StoreError::Unavailable("the writer has stopped".to_owned());
        self.desk.send(Order::Run(job, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| StoreError::Unknown("the writer went away".to_owned()))?
    }

    /// Waits until the writer has ended, by a stop or by a panic in a unit of work.
    pub(super) async fn ended(&self) {
        self.desk.closed().await;
    }

    pub(super) async fn stop(&self) {
        let (done, wait) = oneshot::channel();
        if self.desk.send(Order::Stop(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

async fn work(mut conn: Box<SqliteConnection>, mut orders: mpsc::Receiver<Order>, clock: Clock) {
    while let Some(first) = orders.recv().await {
        let mut batch = Vec::new();
        let mut stop = None;
        let mut next = Some(first);
        while let Some(order) = next.take() {
            match order {
                Order::Run(job, reply) => batch.push((job, reply)),
                Order::Stop(done) => stop = Some(done),
            }
            if batch.len() < BATCH && stop.is_none() {
                next = orders.try_recv().ok();
            }
        }
        conn = commit_together(conn, batch, &clock).await;
        if let Some(done) = stop {
            use sqlx::Connection as _;
            let _ = conn.close().await;
            let _ = done.send(());
            return;
        }
    }
}

/// Runs the units, commits once, answers each. Gives the connection back.
async fn commit_together(
    mut conn: Box<SqliteConnection>,
    batch: Vec<(Job, Reply)>,
    clock: &Clock,
) -> Box<SqliteConnection> {
    if let Err(error) = begin(&mut conn).await {
        fail_all(batch.into_iter().map(|(_, reply)| reply), &error, false);
        return conn;
    }
    let mut waiting = Vec::with_capacity(batch.len());
    let mut jobs = batch.into_iter();
    while let Some((job, reply)) = jobs.next() {
        let (back, done) = run_one(conn, job, clock).await;
        conn = back;
        match done {
            Ok(()) => waiting.push(reply),
            Err(error) if error.spares_the_batch() => drop(reply.send(Err(error))),
            Err(error) => {
                let _ = exec(&mut conn, "ROLLBACK").await;
                let others = waiting.into_iter().chain(jobs.map(|(_, reply)| reply));
                fail_all(others, &error, false);
                let _ = reply.send(Err(error));
                return conn;
            }
        }
    }
    match exec(&mut conn, "COMMIT").await {
        Ok(()) => waiting.into_iter().for_each(|reply| drop(reply.send(Ok(())))),
        Err(error) => {
            let _ = exec(&mut conn, "ROLLBACK").await;
            fail_all(waiting.into_iter(), &error, true);
        }
    }
    conn
}

/// One unit in its savepoint.
async fn run_one(
    mut conn: Box<SqliteConnection>,
    job: Job,
    clock: &Clock,
) -> (Box<SqliteConnection>, Result<(), StoreError>) {
    if let Err(error) = exec(&mut conn, "SAVEPOINT unit").await {
        return (conn, Err(error));
    }
    let mut unit = Unit::new(UnitConn::Sqlite(conn), clock.now());
    let mut done = job(&mut unit).await;
    if done.is_ok() {
        done = unit.finish().await;
    }
    let UnitConn::Sqlite(mut conn) = unit.conn else { unreachable!("a SQLite unit keeps its connection") };
    let end = if done.is_ok() { "RELEASE unit" } else { "ROLLBACK TO unit; RELEASE unit" };
    let ended = exec(&mut conn, end).await;
    (conn, done.and(ended))
}

/// Begins; what an earlier failure may have left open is given up first.
async fn begin(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    match exec(conn, "BEGIN IMMEDIATE").await {
        Ok(()) => Ok(()),
        // SQLite gives up a transaction by itself after some errors and not after others.
        Err(_) => {
            let _ = exec(conn, "ROLLBACK").await;
            exec(conn, "BEGIN IMMEDIATE").await
        }
    }
}

async fn exec(conn: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql).execute(conn).await?;
    Ok(())
}

fn fail_all(replies: impl Iterator<Item = Reply>, error: &StoreError, committing: bool) {
    for reply in replies {
        let _ = reply.send(Err(error.for_the_batch(committing)));
    }
}
