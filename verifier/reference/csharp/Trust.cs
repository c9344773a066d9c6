using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

/// <summary>
/// A trust configuration, out of the trust repository's target files: what each says is believed, for a TUF client has
/// verified them.
/// </summary>
sealed class Trust
{
    readonly Dictionary<string, TrustedKey> keys = new Dictionary<string, TrustedKey>();
    internal IReadOnlyDictionary<string, TrustedKey> Keys => keys;
    internal JsonElement Anchors { get; }
    readonly JsonElement denylist;
    readonly JsonElement? delegation;
    internal LogPolicy Logs { get; }
    readonly long untilOffline;
    readonly long untilOnline;

    internal Trust(TrustFiles given, string environment)
    {
        JsonElement Parsed(string name) => Strict.ParseJson(Strict.Utf8(FileOf(given, name)));
        Anchors = Parsed("anchors.json");
        denylist = Parsed("denylist.json");
        Add(Parsed("issuers.jwks"), "approval");
        Add(Parsed("reviewers.jwks"), "review");
        Add(Parsed("status.jwks"), "status", "status-event", "status-digest");
        List<JsonElement> marks = Anchors.Elements("marks");
        var owners = marks.Where(mark => mark.Maybe("owner") != null).Select(mark => mark.Member("owner")).ToList();
        foreach (JsonElement owner in owners) Add(owner, "delegation");
        if (owners.Count > 0)
        {
            delegation = Strict.Recast(
                () => Delegation(FileOf(given, "delegation.jwt"), owners), code => "E_DELEGATION");
        }
        bool here = marks.Any(mark => mark.Text("environment") == environment);
        Strict.Require(here, "E_ENV", "no mark for this environment");
        Logs = new LogPolicy(FileOf(given, "log.policy"));
        untilOffline = given.UntilOffline;
        untilOnline = given.UntilOnline;
    }

    static string FileOf(TrustFiles given, string name) =>
        Strict.Present(given.Files.GetValueOrDefault(name), "E_TRUST_CONFIG", $"{name} is missing");

    void Add(JsonElement set, params string[] uses)
    {
        foreach (JsonElement one in set.Elements("keys"))
        {
            var key = new TrustedKey(one, uses);
            Strict.Require(keys.TryAdd(key.Id, key), "E_TRUST_CONFIG", $"key {key.Id} twice");
        }
    }

    JsonElement Delegation(string token, List<JsonElement> owners)
    {
        var (claims, key) = new Token(token.TrimEnd()).Read("trust-mark-delegation+jwt", "delegation", keys);
        bool owns = owners.Any(owner => owner.Text("sub") == claims.Text("iss")
            && owner.Elements("keys").Any(own => own.Text("kid") == key.Id));
        Strict.Require(owns && key.Revoked == null, "E_DELEGATION", claims.Text("iss"));
        return claims;
    }

    /// <summary>An EPJ may run off line for as long as on an old status list.</summary>
    internal void CheckStanding(long now)
    {
        long grace = Anchors.Member("max_stale").Number("offline");
        Strict.Require(now < untilOffline && now < untilOnline + grace, "E_TRUST_EXPIRED", "expired");
    }

    /// <summary>Whether timestamp and snapshot are at most this many seconds beyond their end.</summary>
    internal void CheckOnline(long now, long grace = 0) =>
        Strict.Require(now < untilOnline + grace, "E_TRUST_EXPIRED", "timestamp or snapshot");

    /// <summary>Step 8: the mark is a known one, for this environment.</summary>
    internal JsonElement MarkOf(JsonElement claims, string environment)
    {
        string type = claims.Text("trust_mark_type");
        var marks = Anchors.Elements("marks").Where(mark => mark.Text("type") == type).ToList();
        Strict.Require(marks.Count > 0, "E_MARK_TYPE", type);
        Strict.Require(marks[0].Text("environment") == environment, "E_ENV", marks[0].Text("environment"));
        return marks[0];
    }

    /// <summary>Step 9: where the mark has an owner, the owner lets the registry issue it now.</summary>
    internal void CheckDelegation(JsonElement mark, string issuer, long now)
    {
        if (!(mark.Maybe("owner") is JsonElement owner)) return;
        // Any mark's owner makes a delegation obligatory.
        JsonElement said = delegation!.Value;
        bool same = said.Text("iss") == owner.Text("sub") && said.Text("sub") == issuer
            && said.Text("trust_mark_type") == mark.Text("type");
        bool valid = said.Number("iat") <= now + Verifier.Skew && now < said.Number("exp");
        Strict.Require(same && valid, "E_DELEGATION", said.Text("sub"));
    }

    /// <summary>Step 21.</summary>
    internal void CheckDenied(JsonElement claims)
    {
        string vendor = claims.Text("organization_id");
        Strict.Require(!denylist.Texts("organizations").Contains(vendor), "E_DENYLISTED", vendor);
        JsonElement content = claims.Member("content");
        var own = new[] { content.MaybeText("bundle"), content.MaybeText("manifest") };
        bool denied = denylist.Texts("digests").Any(digest => own.Contains(digest));
        Strict.Require(!denied, "E_DENYLISTED", "content");
        var (software, version) = (claims.Text("software_id"), claims.Text("software_version"));
        bool old = Anchors.Elements("min_versions").Any(least => least.Text("software_id") == software
            && Claims.Precedence(version, least.Text("software_version")) < 0);
        Strict.Require(!old, "E_DENYLISTED", version);
    }
}
