//! The three doors: read, view, write.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, SqliteConnection, Transaction};

use super::backend::{Conn, Db, Target};
use super::seen::{self, SEEN};
use super::writer::{Job, Writer};
use super::{Recorded, RestrictedRecorded, StoreError, Work, migrate, trail};
use crate::audit::{Code, EventDraft};
use crate::clock::Clock;
use crate::domain::ids::CaseId;
use crate::domain::time::Instant;

/// The store: cheap to clone, one per process.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    writer: Option<Writer>,
    clock: Clock,
    committed: tokio::sync::Notify,
}

/// Anything that can run a statement: a read or a unit of work.
pub trait Sees: Send {
    /// The connection, for one statement.
    fn conn(&mut self) -> Conn<'_>;
}

/// A connection that sees clear columns.
pub enum Read {
    /// On SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// On PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

impl Sees for Read {
    fn conn(&mut self) -> Conn<'_> {
        match self {
            Read::Sqlite(c) => Conn::Sqlite(c),
            Read::Postgres(c) => Conn::Postgres(c),
        }
    }
}

/// Clear columns as they all stood at one moment, however long the reading takes: what checks the
/// whole trail against its head needs this, for the relay goes on writing meanwhile.
pub enum Snapshot {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Sees for Snapshot {
    fn conn(&mut self) -> Conn<'_> {
        match self {
            Snapshot::Sqlite(t) => Conn::Sqlite(t),
            Snapshot::Postgres(t) => Conn::Postgres(t),
        }
    }
}

/// What is about to be read, for [`Store::view`].
pub struct View {
    /// The access event; one for the whole list when there are several cases.
    pub event: EventDraft,
    /// The cases whose content may then be opened.
    pub cases: Vec<CaseId>,
}

pub(super) enum UnitConn {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<Transaction<'static, Postgres>>),
}

/// A unit of work: everything in it commits together with its events, or nothing does.
pub struct Unit {
    pub(super) conn: UnitConn,
    pub(super) events: Vec<EventDraft>,
    pub(super) excused: bool,
    pub(super) shown: Vec<CaseId>,
    now: Instant,
}

impl Sees for Unit {
    fn conn(&mut self) -> Conn<'_> {
        match &mut self.conn {
            UnitConn::Sqlite(c) => Conn::Sqlite(c),
            UnitConn::Postgres(t) => Conn::Postgres(t),
        }
    }
}

impl Unit {
    pub(super) fn new(conn: UnitConn, now: Instant) -> Self {
        Self { conn, events: Vec::new(), excused: false, shown: Vec::new(), now }
    }

    /// The moment this unit began.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Something for the trail; it gets its number at the end of the unit.
    pub fn record(&mut self, event: EventDraft) {
        self.events.push(event);
    }

    /// Housekeeping that changes nothing about a family and needs no event; `why` is for the reader
    /// of the code.
    pub fn unaudited(&mut self, _why: &'static str) {
        self.excused = true;
    }

    /// Writes the events, the head of the trail last. Nothing to write and no excuse is an error.
    pub(super) async fn finish(&mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.events);
        match (events.is_empty(), self.excused) {
            (true, false) => Err(StoreError::Unaudited),
            (true, true) => Ok(()),
            (false, _) => trail::append(self, events).await,
        }
    }
}

fn seen_digest(cases: &[CaseId]) -> Code {
    seen::digest(cases.iter().map(CaseId::to_string))
}

impl Store {
    /// Opens the database that `url` names (`sqlite:…` or `postgres:…`) and brings its schema up.
    ///
    /// # Errors
    /// Unreachable database, newer schema, or a database URL that cannot be read.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let target = Target::parse(url)?;
        let db = target.pool().await?;
        migrate::migrate(&db).await?;
        let writer = target.writer().await?.map(|conn| Writer::start(conn, clock.clone()));
        Ok(Self { inner: Arc::new(Inner { db, writer, clock, committed: tokio::sync::Notify::new() }) })
    }

    /// Opens the database that is there and changes nothing in it: no schema is brought up, nothing can
    /// be written. For a check.
    ///
    /// # Errors
    /// Missing or unreachable database, or a database URL that cannot be read.
    pub async fn look(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let db = Target::parse(url)?.pool_to_look().await?;
        let committed = tokio::sync::Notify::new();
        Ok(Self { inner: Arc::new(Inner { db, writer: None, clock, committed }) })
    }

    /// The number of the schema that the database has; 0 when it has none yet.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when it is newer than [`super::SCHEMA`].
    pub async fn schema(&self) -> Result<i64, StoreError> {
        migrate::schema_of(&mut self.read().await?).await
    }

    /// A connection that sees clear columns only.
    pub async fn read(&self) -> Result<Read, StoreError> {
        Ok(match &self.inner.db {
            Db::Sqlite(pool) => Read::Sqlite(pool.acquire().await?),
            Db::Postgres { read, .. } => Read::Postgres(read.acquire().await?),
        })
    }

    /// A view of all clear columns at one moment; nothing it reads is changed by later writes.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(match &self.inner.db {
            Db::Sqlite(pool) => Snapshot::Sqlite(pool.begin().await?),
            Db::Postgres { read, .. } => {
                let mut transaction = read.begin().await?;
                sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .execute(&mut *transaction)
                    .await?;
                Snapshot::Postgres(transaction)
            }
        })
    }

    /// Commits the access event, then hands out the right to open what it names.
    pub async fn view(&self, view: View) -> Result<Recorded, StoreError> {
        let View { event, cases } = view;
        let listed = event.object().kind.as_str() == "list";
        let shown = if listed { cases.clone() } else { Vec::new() };
        self.write(move |unit| {
            Box::pin(async move {
                let event = if listed { event.extra(SEEN, seen_digest(&shown)) } else { event };
                unit.shown = shown;
                unit.record(event);
                Ok(())
            })
        })
        .await?;
        Ok(Recorded::after_commit(cases))
    }

    /// Commits the event of reading one restricted part, then hands out the right to open it.
    pub async fn view_restricted(
        &self,
        event: EventDraft,
        case: CaseId,
    ) -> Result<RestrictedRecorded, StoreError> {
        self.record(event).await?;
        Ok(RestrictedRecorded::after_commit(case))
    }

    /// Commits one event that stands alone.
    pub async fn record(&self, event: EventDraft) -> Result<(), StoreError> {
        self.write(move |unit| {
            Box::pin(async move {
                unit.record(event);
                Ok(())
            })
        })
        .await
    }

    /// Runs a unit of work and commits it with its events.
    ///
    /// The closure owns its data and calls only the store: no sealing, no network, no second write.
    ///
    /// # Errors
    /// Whatever the work answers; [`StoreError::Unaudited`] when it recorded nothing;
    /// [`StoreError::Unknown`] when the commit's outcome is not known.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'u> FnOnce(&'u mut Unit) -> Work<'u, T> + Send + 'static,
    {
        let done = match (&self.inner.writer, &self.inner.db) {
            (Some(writer), _) => write_sqlite(writer, work).await,
            (None, Db::Postgres { write, .. }) => {
                write_postgres(write.begin().await?, self.inner.clock.now(), work).await
            }
            (None, Db::Sqlite(_)) => Err(StoreError::Unavailable("no writer".to_owned())),
        };
        if done.is_ok() {
            self.inner.committed.notify_waiters();
        }
        done
    }

    /// Whether a unit of work can be committed now; writes nothing.
    pub async fn can_write(&self) -> Result<(), StoreError> {
        self.write(|unit| {
            unit.unaudited("an empty unit, to know that the writer works");
            Box::pin(async { Ok(()) })
        })
        .await
    }

    /// Waits until some unit of this process has committed.
    pub async fn committed(&self) {
        self.inner.committed.notified().await;
    }

    /// Waits until the one writer of an embedded database has ended: nothing is written after that, and
    /// the process should end too. PostgreSQL has none, and this never ends.
    pub async fn writer_ended(&self) {
        match &self.inner.writer {
            Some(writer) => writer.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Whether this is the embedded engine, which one process serves alone.
    pub fn embedded(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// The store's clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Lets go of every connection; waiting units are finished first.
    pub async fn close(&self) {
        if let Some(writer) = &self.inner.writer {
            writer.stop().await;
        }
        match &self.inner.db {
            Db::Sqlite(pool) => pool.close().await,
            Db::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

async fn write_sqlite<T, W>(writer: &Writer, work: W) -> Result<T, StoreError>
where
    T: Send + 'static,
    W: for<'u> FnOnce(&'u mut Unit) -> Work<'u, T> + Send + 'static,
{
    let slot = Arc::new(std::sync::Mutex::new(None));
    let inside = slot.clone();
    let job: Job = Box::new(move |unit| {
        Box::pin(async move {
            let value = work(unit).await?;
            *inside.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(value);
            Ok(())
        })
    });
    writer.run(job).await?;
    let value = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    value.ok_or_else(|| StoreError::Unknown("the writer answered without a value".to_owned()))
}

async fn write_postgres<T, W>(
    transaction: Transaction<'static, Postgres>,
    now: Instant,
    work: W,
) -> Result<T, StoreError>
where
    W: for<'u> FnOnce(&'u mut Unit) -> Work<'u, T>,
{
    let mut unit = Unit::new(UnitConn::Postgres(Box::new(transaction)), now);
    let value = work(&mut unit).await?;
    unit.finish().await?;
    let UnitConn::Postgres(transaction) = unit.conn else {
        return Err(StoreError::Unavailable("not a transaction".to_owned()));
    };
    transaction.commit().await.map_err(|error| StoreError::Unknown(error.to_string()))?;
    Ok(value)
}
