// A verifier of app approvals on .NET's own libraries and BouncyCastle. It follows the steps of the design in their
// order and stops at the first refusal. It keeps in memory what it has accepted; saving that is the caller's. The trust
// configuration is given as the target files that a TUF client has verified; no TUF is done here.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

/// <summary>A checkpoint, as its witnesses saw it first, and the place in the log that a ticket showed.</summary>
sealed class Seen
{
    internal string Origin { get; }
    internal long Size { get; }
    /// <summary>The root, as claims and anchors write it.</summary>
    internal string Root { get; }
    internal long Index { get; }
    internal long Time { get; }

    internal Seen(Ticket ticket, long time)
    {
        Origin = ticket.Origin;
        Size = ticket.Size;
        Root = RootOf(ticket);
        Index = ticket.Index;
        Time = time;
    }

    internal static string RootOf(Ticket ticket) => "sha256-" + Convert.ToBase64String(ticket.Root);
}

/// <summary>An approval that was accepted.</summary>
sealed class Accepted
{
    internal JsonElement Claims { get; }
    /// <summary>The keys that signed it and its reviews.</summary>
    internal List<string> Keys { get; }
    internal Seen? Logged { get; }
    internal ScopeSet Scopes { get; }

    internal Accepted(JsonElement claims, IEnumerable<TrustedKey> signers, Seen? logged)
    {
        Claims = claims;
        Keys = signers.Select(key => key.Id).ToList();
        Logged = logged;
        Scopes = ScopeSet.Read(claims.Text("scope"))!;
    }
}

sealed class Verifier
{
    internal const long Skew = 60;
    const long Day = 86_400;

    readonly Policy policy;
    readonly Dictionary<string, Dictionary<long, Seen>> logs = new Dictionary<string, Dictionary<long, Seen>>();
    readonly HashSet<string> forked = new HashSet<string>();
    readonly Dictionary<string, StatusList> lists = new Dictionary<string, StatusList>();
    readonly Dictionary<(string, string), Accepted> approvals = new Dictionary<(string, string), Accepted>();
    Trust? trust;
    long floor;

    internal Verifier(Policy policy)
    {
        this.policy = policy;
    }

    static void Require(bool condition, string code, object? why) => Strict.Require(condition, code, why);

    static (string, string) NameOf(JsonElement claims) => (claims.Text("software_id"), claims.Text("software_version"));

    /// <summary>Takes in a trust configuration.</summary>
    internal void TakeTrust(TrustFiles given, long now)
    {
        Require(given.Issued <= now + Skew, "E_IAT_FUTURE", "timestamp.json");
        trust = new Trust(given, policy.Environment);
        floor = Math.Max(floor, given.Issued);
        // A thief's list goes with the key, and so does what it demands of later ones.
        foreach (string uri in lists.Keys.Where(uri => !lists[uri].Holds(trust)).ToList()) lists.Remove(uri);
    }

    /// <summary>A trust configuration that may still be used, at least off line.</summary>
    Trust Standing(long now)
    {
        Trust standing = Strict.Present(trust, "E_TRUST_CONFIG", "none");
        standing.CheckStanding(now);
        return standing;
    }

    Trust Current(long now)
    {
        Trust current = Standing(now);
        current.CheckOnline(now);
        return current;
    }

    /// <summary>Takes in a status list; `from` is the address that it was fetched from, where that is known.</summary>
    internal void TakeStatus(string token, string? from, long now)
    {
        Trust standing = Standing(now);
        var (claims, key) = Strict.Recast(
            () => new Token(token, 512 * 1024).Read("statuslist+jwt", "status", standing.Keys),
            code => code switch
            {
                "E_TYP" => code,
                "E_ALG" => code,
                "E_KID" => code,
                "E_KEY_USE" => code,
                "E_SIG" => "E_STATUS_SIG",
                _ => "E_STATUS_FORMAT",
            });
        string sub = claims.Text("sub");
        Require(key.Revoked == null, "E_KEY_REVOKED", key.Id);
        Require(claims.Text("iss") == standing.Anchors.Text("registry"), "E_ISS", claims.Text("iss"));
        Require(claims.Number("iat") <= now + Skew, "E_IAT_FUTURE", "status list");
        Require(now < claims.Number("exp") + Skew, "E_STATUS_STALE", "expired");
        Require(from == null || from == sub, "E_STATUS_SUB", sub);
        var newer = new StatusList(claims, key);
        if (lists.TryGetValue(sub, out StatusList? known)) newer.CheckFollows(known);
        lists[sub] = newer;
        floor = Math.Max(floor, newer.IssuedAt);
    }

    /// <summary>Takes in an approval with its ticket (null where the policy asks for none): steps 1 to 21.</summary>
    internal void Ingest(string token, string? ticket, long now)
    {
        Require(ticket != null || policy.MinAssurance == "jose-only", "E_LOCAL_POLICY", "no ticket");
        var signed = new Token(token);
        Trust current = Current(now);
        var (claims, key) = signed.Read("trust-mark+jwt", "approval", current.Keys);
        string issuer = claims.Text("iss");
        Require(issuer == current.Anchors.Text("registry"), "E_ISS", issuer);
        JsonElement mark = current.MarkOf(claims, policy.Environment);
        Claims.Check(claims, policy.Environment, current.Anchors);
        current.CheckDelegation(mark, issuer, now);
        var (iat, exp) = (claims.Number("iat"), claims.Number("exp"));
        Require(iat <= now + Skew, "E_IAT_FUTURE", "approval");
        Require(now < exp, "E_EXPIRED", "approval");
        Require(exp - iat <= 400 * Day, "E_LIFETIME", "more than 400 days");
        List<TrustedKey> signers = Reviewers(claims, current.Keys);
        signers.Add(key);
        Seen? logged = null;
        if (ticket != null)
        {
            byte[] leaf = Strict.Sha256(new byte[] { 0 }, Strict.Utf8(token));
            logged = Witnessed(claims, leaf, new Ticket(ticket), current, now);
        }
        Require(!signers.Any(one => IsRevoked(one, claims, logged)), "E_KEY_REVOKED", "withdrawn");

        var known = approvals.GetValueOrDefault(NameOf(claims));
        Require(known == null || IsSame(known.Claims, claims), "E_VERSION_REUSED", NameOf(claims));
        JsonElement reference = Claims.StatusOf(claims);
        StatusList list = ListOf(reference);
        CheckFresh(list, claims, current, now);
        list.Check(reference.Number("idx"));
        current.CheckDenied(claims);
        if (logged != null)
        {
            floor = Math.Max(floor, logged.Time);
            if (!logs.ContainsKey(logged.Origin)) logs[logged.Origin] = new Dictionary<long, Seen>();
            logs[logged.Origin][logged.Size] = logged;
        }
        if (known == null || known.Claims.Number("iat") <= iat)
        {
            approvals[NameOf(claims)] = new Accepted(claims, signers, logged);
        }
    }

    /// <summary>
    /// Step 11: different people of different organisations, none of them the vendor's, have said yes to exactly this.
    /// </summary>
    static List<TrustedKey> Reviewers(JsonElement approval, IReadOnlyDictionary<string, TrustedKey> keys)
    {
        var found = new List<TrustedKey>();
        var roles = new HashSet<string>();
        foreach (string token in approval.Texts("reviews"))
        {
            var (review, key) = Strict.Recast(
                () => new Token(token).Read("app-review+jwt", "review", keys),
                code => code == "E_KEY_USE" || code == "E_JSON" || code == "E_CLAIM" ? code : "E_REVIEW_SIG");
            bool own = key.Organization == approval.Text("organization_id");
            Require(!own, "E_REVIEW_CONFLICT", "of the vendor");
            Require(found.All(other => other.Person != key.Person), "E_REVIEW_QUORUM", "one person twice");
            Require(key.Roles.Contains(review.Text("role")), "E_REVIEW_QUORUM", review.Text("role"));
            CheckReview(review, key, approval);
            found.Add(key);
            roles.Add(review.Text("role"));
        }
        bool both = roles.Contains("security") && roles.Contains("clinical");
        Require(found.Count >= 2 && both, "E_REVIEW_QUORUM", string.Join(",", roles));
        int organizations = found.Select(key => key.Organization).Distinct().Count();
        Require(organizations >= 2, "E_REVIEW_CONFLICT", "one organisation");
        return found;
    }

    static void CheckReview(JsonElement review, TrustedKey key, JsonElement approval)
    {
        const string Mismatch = "E_REVIEW_MISMATCH";
        string issuer = review.Text("iss");
        bool about = new[] { "release_digest", "sub", "software_id", "software_version" }
            .All(name => review.Text(name) == approval.Text(name));
        var kinds = review.Elements("evidence").Select(one => one.Text("kind")).ToList();
        bool basis = kinds.Contains("suite") && kinds.Contains("evidence")
            && review.Text("criteria") == approval.Member("criteria").Text("uri");
        bool yes = issuer == key.Person && review.Text("decision") == "approve";
        Require(about && basis && yes, Mismatch, issuer);
        long later = approval.Number("iat") - review.Number("iat");
        Require(later >= -Skew, Mismatch, "after the approval");
        Require(later <= 90 * Day, "E_REVIEW_OLD", issuer);
        if (review.MaybeText("scope") is string scope)
        {
            ScopeSet reviewed = Strict.Present(ScopeSet.Read(scope), "E_CLAIM", "scope of a review");
            Require(reviewed.Covers(approval.Text("scope")), Mismatch, "scope");
        }
        if (review.Maybe("redirect_uris") != null)
        {
            bool within = !approval.Texts("redirect_uris").Except(review.Texts("redirect_uris")).Any();
            Require(within, Mismatch, "redirect_uris");
        }
    }

    /// <summary>
    /// Steps 12 to 17: in a known log, under a checkpoint that enough witnesses have seen, at a time that agrees.
    /// </summary>
    Seen Witnessed(JsonElement claims, byte[] leaf, Ticket ticket, Trust current, long now)
    {
        var seen = new Seen(ticket, EarliestTime(ticket, current));
        string origin = seen.Origin;
        Require(seen.Time <= now + Skew, "E_IAT_FUTURE", "witnessed");
        JsonElement log = claims.Member("log");
        Require(origin == log.Text("origin"), "E_LOG_UNKNOWN", "the approval names another log");

        var known = logs.GetValueOrDefault(origin) ?? new Dictionary<long, Seen>();
        if (known.TryGetValue(seen.Size, out Seen? same) && same.Root != seen.Root) forked.Add(origin);
        Require(!forked.Contains(origin), "E_LOG_FORK", origin);
        foreach (Seen other in known.Values)
        {
            bool smaller = other.Size < seen.Size && seen.Time < other.Time - Skew;
            bool larger = other.Size > seen.Size && seen.Time > other.Time + Skew;
            Require(!smaller && !larger, "E_LOG_ROLLBACK", origin);
        }
        Require(ticket.Includes(leaf), "E_INCLUSION", $"{ticket.Index} of {ticket.Size}");
        JsonElement after = log.Member("after");
        long iat = claims.Number("iat");
        Require(after.Number("size") <= ticket.Index, "E_BACKDATED", "log.after");
        if (known.TryGetValue(after.Number("size"), out Seen? followed))
        {
            bool follows = followed.Root == after.Text("root") && followed.Time - Skew <= iat;
            Require(follows, "E_BACKDATED", "log.after");
        }
        Require(iat <= seen.Time + Skew && seen.Time - iat <= Day, "E_BACKDATED", $"witnessed at {seen.Time}");
        return seen;
    }

    /// <summary>Steps 12 to 14: when the first of the witnesses saw the checkpoint that the log has signed.</summary>
    static long EarliestTime(Ticket ticket, Trust current)
    {
        string origin = ticket.Origin;
        foreach (JsonElement end in current.Anchors.Elements("frozen_logs"))
        {
            if (end.Text("origin") != origin) continue;
            Require(ticket.Size <= end.Number("size"), "E_LOG_UNKNOWN", "frozen");
            bool same = ticket.Size < end.Number("size") || Seen.RootOf(ticket) == end.Text("root");
            Require(same, "E_LOG_FORK", "frozen with another root");
        }
        var verdicts = current.Logs.Logs.Where(log => log.Owner == origin).Select(log => log.Times(ticket)).ToList();
        Require(verdicts.Count > 0, "E_LOG_UNKNOWN", origin);
        // A wrong signature of one key is not made good by a right one of another.
        bool signed = verdicts.All(one => one != null) && verdicts.Any(one => one?.Count > 0);
        Require(signed, "E_LOG_SIG", origin);
        var cosigned = new HashSet<NoteKey>();
        var times = new List<long>();
        foreach (NoteKey witness in current.Logs.Witnesses)
        {
            List<long> found = Strict.Present(witness.Times(ticket), "E_WITNESS_SIG", witness.Owner);
            if (found.Count > 0) cosigned.Add(witness);
            times.AddRange(found.Where(time => time > 0));
        }
        Require(current.Logs.Quorum(cosigned) && times.Count > 0, "E_WITNESS_QUORUM", cosigned.Count);
        return times.Min();
    }

    /// <summary>
    /// Without a ticket a key that another has replaced is believed; with one, the place in the log decides.
    /// </summary>
    static bool IsRevoked(TrustedKey key, JsonElement claims, Seen? logged)
    {
        if (!(key.Revoked is JsonElement revoked)) return false;
        if (logged == null) return revoked.Text("reason") != "superseded";
        JsonElement? cutoff = revoked.Maybe("log_index_cutoff")?.Maybe(claims.Member("log").Text("origin"));
        return cutoff == null || logged.Index >= cutoff.Value.GetInt64();
    }

    /// <summary>Whether two approvals of one version are about the same content.</summary>
    static bool IsSame(JsonElement one, JsonElement other)
    {
        var (left, right) = (one.Member("content"), other.Member("content"));
        bool texts = new[] { "level", "bundle", "manifest" }.All(name => left.MaybeText(name) == right.MaybeText(name));
        return texts && left.Maybe("size")?.GetInt64() == right.Maybe("size")?.GetInt64();
    }

    StatusList ListOf(JsonElement reference) =>
        Strict.Present(lists.GetValueOrDefault(reference.Text("uri")), "E_STATUS_STALE", "no list");

    /// <summary>Not older than approval and installation allow; answers how old that is.</summary>
    long CheckFresh(StatusList list, JsonElement claims, Trust current, long now)
    {
        long table = current.Anchors.Member("max_stale").Number(policy.RiskClass);
        long maxStale = Math.Min(claims.Number("max_stale"), table);
        Require(now - list.IssuedAt <= maxStale, "E_STATUS_STALE", $"{now - list.IssuedAt} s old");
        return maxStale;
    }

    /// <summary>Decides about a launch, in memory: steps L1 to L12. Answers the approval's claims.</summary>
    internal JsonElement CheckLaunch(Launch launch, long now)
    {
        Require(now >= floor - Skew, "E_CLOCK_ROLLBACK", floor);
        Trust standing = Standing(now);
        var name = (launch.SoftwareId, launch.SoftwareVersion);
        Accepted accepted = Strict.Present(approvals.GetValueOrDefault(name), "E_NOT_APPROVED", name);
        JsonElement claims = accepted.Claims;
        Require(now < claims.Number("exp"), "E_EXPIRED", "approval");
        bool IsGone(string id) =>
            !standing.Keys.TryGetValue(id, out TrustedKey? key) || IsRevoked(key, claims, accepted.Logged);
        Require(!accepted.Keys.Any(IsGone), "E_KEY_REVOKED", "withdrawn");
        standing.CheckDenied(claims);
        JsonElement reference = Claims.StatusOf(claims);
        StatusList list = ListOf(reference);
        list.Check(reference.Number("idx"));
        standing.CheckOnline(now, CheckFresh(list, claims, standing, now));
        CheckRequest(launch, accepted);
        CheckContent(launch.Content, claims.Member("content"), now);
        CheckLocal(accepted);
        return claims;
    }

    static void CheckRequest(Launch launch, Accepted accepted)
    {
        JsonElement claims = accepted.Claims;
        Require(launch.OrganizationId == claims.Text("organization_id"), "E_VENDOR", launch.OrganizationId);
        var (uri, redirect, scope) = (launch.LaunchUri, launch.RedirectUri, launch.Scope);
        Require(uri == null || uri == claims.MaybeText("launch_uri"), "E_LAUNCH_URI", uri);
        Require(redirect == null || claims.Texts("redirect_uris").Contains(redirect), "E_REDIRECT_URI", redirect);
        Require(scope == null || accepted.Scopes.Covers(scope), "E_SCOPE", scope);
        if (!(launch.Client is Client client)) return;
        bool bound = claims.Maybe("dpop_bound_access_tokens")?.GetBoolean() == true;
        Require(client.Dpop || !bound, "E_CLIENT_KEY", "no DPoP");
        var known = Claims.KeysOf(claims).Select(Claims.Thumbprint).ToList();
        Require(known.Count == 0 || known.Any(key => key == client.Key), "E_CLIENT_KEY", client.Key);
    }

    static void CheckContent(Content? found, JsonElement approved, long now)
    {
        string level = approved.Text("level");
        if (level == "bundle") Require(found?.Bundle == approved.Text("bundle"), "E_DIGEST", "bundle");
        if (level != "manifest") return;
        bool same = found != null && found.Manifest == approved.Text("manifest");
        long age = same ? now - found!.ObservedAt : Day;
        Require(age >= -Skew && age < Day, "E_CONTENT_DRIFT", "manifest");
    }

    void CheckLocal(Accepted accepted)
    {
        string level = accepted.Claims.Member("content").Text("level");
        Require(Claims.IsAtLeast(level, policy.MinContentLevel), "E_LOCAL_POLICY", level);
        string software = accepted.Claims.Text("software_id");
        bool allowed = policy.AllowedSoftware == null || policy.AllowedSoftware.Contains(software);
        Require(allowed, "E_LOCAL_POLICY", software);
        Require(accepted.Logged != null || policy.MinAssurance == "jose-only", "E_LOCAL_POLICY", "no ticket");
    }
}
