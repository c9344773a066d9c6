//! Whose turn it is to work on a subscription, and what a turn keeps.

use foundation::store::{StoreError, Tx};
use sea_query::{Cond, Expr, ExprTrait, Iden, Order, Query};

use super::{Column, Status, Subscriber, find};

/// How long a turn may work on a subscription before another takes over: longer than a notification may
/// take.
const LEASE: i64 = 90_000;

#[derive(Clone, Copy, Iden)]
enum Head {
    #[iden = "sandbox_fhir_head"]
    Table,
    Sandbox,
    Seq,
}

/// Those that something is to be done for, the longest due first: their sandbox and id.
pub(crate) async fn due(
    tx: &mut Tx,
    now: i64,
    most: u64,
) -> Result<Vec<(String, String)>, StoreError> {
    let at = |column| Expr::col((Column::Table, column));
    let written = Expr::col((Head::Table, Head::Seq)).gt(at(Column::Position));
    let query = Query::select()
        .columns([
            (Column::Table, Column::Sandbox),
            (Column::Table, Column::Id),
        ])
        .from(Column::Table)
        .inner_join(
            Head::Table,
            Expr::col((Head::Table, Head::Sandbox)).equals((Column::Table, Column::Sandbox)),
        )
        .and_where(at(Column::Status).ne(Status::Off.as_str()))
        .and_where(at(Column::ClaimedUntil).lte(now))
        .cond_where(Cond::any().add(at(Column::DueAt).lte(now)).add(written))
        .order_by((Column::Table, Column::DueAt), Order::Asc)
        .limit(most)
        .to_owned();
    tx.all(&query).await
}

/// Takes a subscription for a turn; none where somebody else has it.
pub(crate) async fn claim(
    tx: &mut Tx,
    (sandbox, id): (&str, &str),
    claim: &str,
    now: i64,
) -> Result<Option<Subscriber>, StoreError> {
    let update = Query::update()
        .table(Column::Table)
        .value(Column::Claim, claim)
        .value(Column::ClaimedUntil, now.saturating_add(LEASE))
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Id).eq(id))
        .and_where(Expr::col(Column::ClaimedUntil).lte(now))
        .to_owned();
    if tx.execute(&update).await? == 0 {
        return Ok(None);
    }
    find(tx, sandbox, id).await
}

impl Subscriber {
    /// Changes it while it is this turn's; false where it is not any more.
    pub(super) async fn change(
        &self,
        tx: &mut Tx,
        values: impl IntoIterator<Item = (Column, Expr)>,
    ) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(Column::Table)
            .values(values)
            .and_where(Expr::col(Column::Sandbox).eq(self.sandbox.as_str()))
            .and_where(Expr::col(Column::Id).eq(self.id.as_str()))
            .and_where(Expr::col(Column::Claim).eq(self.claim.as_str()))
            .to_owned();
        Ok(tx.execute(&update).await? == 1)
    }

    /// Keeps that events up to a number were told; the turn may go on.
    pub(crate) async fn told(
        &self,
        tx: &mut Tx,
        number: i64,
        now: i64,
    ) -> Result<bool, StoreError> {
        let values = [
            (Column::Delivered, number.into()),
            (Column::Attempts, 0.into()),
            (Column::RestsUntil, 0.into()),
            (Column::Reason, Option::<String>::None.into()),
            (Column::LastSentAt, now.into()),
            (Column::ClaimedUntil, now.saturating_add(LEASE).into()),
        ];
        self.change(tx, values).await
    }

    /// Keeps that a notification did not get through, and when it is tried again.
    pub(crate) async fn failed(
        &self,
        tx: &mut Tx,
        reason: &str,
        rests_until: i64,
    ) -> Result<bool, StoreError> {
        let values = [
            (Column::Attempts, self.attempts.saturating_add(1).into()),
            (Column::Reason, reason.into()),
            (Column::RestsUntil, rests_until.into()),
        ];
        self.change(tx, values).await
    }

    /// Ends the turn.
    pub(crate) async fn release(&self, tx: &mut Tx, due_at: i64) -> Result<bool, StoreError> {
        let values = [
            (Column::DueAt, due_at.into()),
            (Column::ClaimedUntil, 0.into()),
        ];
        self.change(tx, values).await
    }
}

/// Keeps that somebody on a WebSocket was told of events up to a number.
pub(crate) async fn heard(
    tx: &mut Tx,
    (sandbox, id): (&str, &str),
    number: i64,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Column::Table)
        .value(Column::Delivered, number)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Id).eq(id))
        .and_where(Expr::col(Column::Delivered).lt(number))
        .to_owned();
    tx.execute(&update).await.map(|_| ())
}
