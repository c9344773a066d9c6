//! A withdrawal that is asked for a second time, because nobody knew that the first had taken effect.

use verifier::trust::RevocationReason;

use super::changes::Cutoff;
use super::contents::Contents;
use super::publish::load;
use crate::trust::Trust;
use crate::trust::error::TrustError;

impl Trust {
    /// True when this key is told as withdrawn for this reason from this place on. Whoever asks for
    /// now, again, has asked for an earlier place than now is: that one stays.
    pub(crate) async fn is_withdrawn(
        &self,
        kid: &str,
        reason: RevocationReason,
        cutoff: &Cutoff,
    ) -> Result<bool, TrustError> {
        let mut tx = self.database.read().await?;
        let ends = self.log.ends(&mut tx).await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(false);
        };
        let mut contents = Contents::read(&files)?;
        let known = contents.key(kid).ok().and_then(|key| key.revoked.as_ref());
        let Some(known) = known.filter(|known| known.reason == reason) else {
            return Ok(false);
        };
        Ok(match cutoff {
            Cutoff::Now => true,
            other => other.clone().places(&ends)? == known.log_index_cutoff,
        })
    }
}
