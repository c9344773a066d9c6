// The claims: their shapes, and their own rules.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Is = System.Func<System.Text.Json.JsonElement, bool>;

static class Claims
{
    /// <summary>How much of an app an approval is about, from the least to the most.</summary>
    internal static readonly string[] Levels = { "origin", "manifest", "bundle" };

    static readonly Is Text = value => value.ValueKind == JsonValueKind.String;
    static readonly Is Integer = value => value.ValueKind == JsonValueKind.Number;
    static readonly Is Count = value => Integer(value) && value.GetInt64() >= 0;
    static readonly Is Object = value => value.ValueKind == JsonValueKind.Object;
    static readonly Is Switch =
        value => value.ValueKind == JsonValueKind.True || value.ValueKind == JsonValueKind.False;
    static readonly Is Digest = value => Text(value) && IsDigest(value.GetString()!);

    static Is OneOf(params string[] words) => value => Text(value) && words.Contains(value.GetString());

    static Is ListOf(Is one) => value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one);

    static bool IsDigest(string text) =>
        text.StartsWith("sha256-", StringComparison.Ordinal) && Strict.Base64(text[7..])?.Length == 32;

    /// <summary>What a member must be; whether it may be absent, or null.</summary>
    sealed class Member
    {
        readonly Is one;
        readonly bool absent;
        readonly bool none;

        Member(Is one, bool absent, bool none)
        {
            this.one = one;
            this.absent = absent;
            this.none = none;
        }

        public static implicit operator Member(Is one) => new Member(one, absent: false, none: false);

        internal static Member Optional(Is one) => new Member(one, absent: true, none: true);

        internal static Member Defaulted(Is one) => new Member(one, absent: true, none: false);

        internal bool Allows(JsonElement of, string name)
        {
            if (!of.TryGetProperty(name, out JsonElement value)) return absent;
            return value.ValueKind == JsonValueKind.Null ? none : one(value);
        }
    }

    static Dictionary<string, Member> ByName((string Names, Member Member)[] members) =>
        members.SelectMany(one => one.Names.Split(' ').Select(name => (name, one.Member)))
            .ToDictionary(one => one.name, one => one.Member, StringComparer.Ordinal);

    /// <summary>An object that may have further members.</summary>
    static Is Open(params (string, Member)[] members)
    {
        var byName = ByName(members);
        return value => Object(value) && byName.All(one => one.Value.Allows(value, one.Key));
    }

    /// <summary>An object without further members.</summary>
    static Is Closed(params (string, Member)[] members)
    {
        var byName = ByName(members);
        Is complete = Open(members);
        return value => complete(value) && value.EnumerateObject().All(member => byName.ContainsKey(member.Name));
    }

    /// <summary>The shape of the claims that a key of this use signs.</summary>
    internal static readonly IReadOnlyDictionary<string, Is> Shapes = new Dictionary<string, Is>
    {
        ["approval"] = Open(
            ("iss sub trust_mark_type jti software_id software_version client_name developer_name", Text),
            ("organization_id scope token_endpoint_auth_method", Text),
            ("ref logo_uri client_uri tos_uri policy_uri launch_uri supersedes", Member.Optional(Text)),
            ("iat exp max_stale", Integer),
            ("contacts", Member.Defaulted(ListOf(Text))),
            ("redirect_uris origins grant_types response_types reviews", ListOf(Text)),
            ("dpop_bound_access_tokens require_pushed_authorization_requests", Member.Defaulted(Switch)),
            ("jwks", Member.Optional(Closed(("keys", ListOf(Object))))),
            ("release_digest", Digest),
            ("content", Closed(
                ("level", OneOf(Levels)),
                ("bundle manifest", Member.Optional(Digest)),
                ("size", Member.Optional(Count)))),
            ("criteria", Closed(("uri", Text), ("digest", Digest))),
            ("status", Closed(("status_list", Closed(("idx", Count), ("uri", Text))))),
            ("log", Closed(("origin", Text), ("after", Closed(("size", Count), ("root", Digest)))))),
        ["review"] = Open(
            ("iss sub software_id software_version criteria", Text),
            ("iat", Integer),
            ("release_digest", Digest),
            ("decision", OneOf("approve", "reject")),
            ("role", OneOf("security", "clinical", "privacy")),
            ("evidence", ListOf(Closed(("kind", OneOf("suite", "evidence", "verdict")), ("digest", Digest)))),
            ("scope", Member.Optional(Text)),
            ("redirect_uris", Member.Optional(ListOf(Text)))),
        ["status"] = Open(
            ("iss sub", Text),
            ("iat exp ttl", Integer),
            ("gen", Count),
            ("status_list", Closed(("bits", Count), ("lst", Text)))),
        ["delegation"] = Open(
            ("iss sub trust_mark_type", Text), ("iat exp", Integer), ("ref", Member.Optional(Text))),
    };

    /// <summary>
    /// A pattern of the whole text. In .NET, $ matches before a last line break too, and \d takes all of Unicode's
    /// digits.
    /// </summary>
    internal static Regex Whole(string pattern) => new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant);

    const string Label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    const string Rest = @"(?:[/?][\x21\x24-\x29\x2b-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]*)?";
    static readonly Regex Uri =
        Whole($@"((https?)://({Label}(?:\.{Label})*)(?::([1-9][0-9]{{0,4}}))?){Rest}");

    /// <summary>
    /// The address's origin; refuses what cannot be compared as bytes, and http but for localhost in tests.
    /// </summary>
    static string OriginOf(string uri, string environment)
    {
        Match found = Uri.Match(uri);
        Rule(uri.Length <= 2048 && found.Success, "not a plain address");
        string host = found.Groups[3].Value;
        bool local = host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        bool secure = found.Groups[2].Value == "https" || (local && environment == "test");
        bool port = !found.Groups[4].Success || Numeric(found.Groups[4].Value) <= 65_535;
        Rule(host.Length <= 253 && port && secure, uri);
        return found.Groups[1].Value;
    }

    const string Numeral = "(?:0|[1-9][0-9]*)";
    const string Part = "(?:" + Numeral + "|[0-9]*[A-Za-z-][A-Za-z0-9-]*)";
    const string Build = @"(?:\+[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?";
    static readonly Regex Version =
        Whole($@"({Numeral}\.{Numeral}\.{Numeral})(?:-({Part}(?:\.{Part})*))?{Build}");
    static readonly Regex Uuid = Whole("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    static readonly Regex SoftwareId = Whole(@"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+");
    static readonly Regex Organization = Whole("NO:ORGNR:([0-9]{9})");
    static readonly Regex KeyMaterial = Whole("[A-Za-z0-9_-]*");
    static readonly Regex Digits = Whole("[0-9]+");

    /// <summary>Modulus 11, with the check digit's own weight of 1.</summary>
    static bool IsOrganization(string id)
    {
        Match found = Organization.Match(id);
        int[] weights = { 3, 2, 7, 6, 5, 4, 3, 2, 1 };
        var products = found.Groups[1].Value.Zip(weights, (digit, weight) => (digit - '0') * weight);
        return found.Success && products.Sum() % 11 == 0;
    }

    /// <summary>RFC 7638's members of a key, in its order; null for other kinds of keys.</summary>
    static string[]? MembersOf(JsonElement key)
    {
        bool said = key.TryGetProperty("kty", out JsonElement kind) && Text(kind);
        return (said ? kind.GetString() : null) switch
        {
            "EC" => new[] { "crv", "kty", "x", "y" },
            "RSA" => new[] { "e", "kty", "n" },
            "OKP" => new[] { "crv", "kty", "x" },
            _ => null,
        };
    }

    static bool IsPublicKey(JsonElement key)
    {
        string[] secrets = { "d", "p", "q", "dp", "dq", "qi", "k" };
        bool Plain(string name) =>
            key.TryGetProperty(name, out JsonElement value) && Text(value) && KeyMaterial.IsMatch(value.GetString()!);
        return MembersOf(key)?.All(Plain) == true && !secrets.Any(name => key.TryGetProperty(name, out _));
    }

    /// <summary>RFC 7638, of a key whose form was checked: nothing in it needs an escape.</summary>
    internal static string Thumbprint(JsonElement key)
    {
        var members = MembersOf(key)!.Select(name => $"\"{name}\":\"{key.Text(name)}\"");
        return Strict.ToBase64Url(Strict.Sha256(Strict.Utf8("{" + string.Join(",", members) + "}")));
    }

    /// <summary>The keys that an approval names for its client.</summary>
    internal static List<JsonElement> KeysOf(JsonElement claims) =>
        claims.Maybe("jwks")?.Elements("keys") ?? new List<JsonElement>();

    static void Rule(bool condition, string name) => Strict.Require(condition, "E_CLAIM", name);

    /// <summary>Every rule of an approval's claims that needs no key and no clock.</summary>
    internal static void Check(JsonElement claims, string environment, JsonElement anchors)
    {
        JsonElement content = claims.Member("content");
        string level = content.Text("level");
        bool bundle = content.Maybe("bundle") != null;
        bool manifest = content.Maybe("manifest") != null;
        bool fits = level switch
        {
            "bundle" => bundle && manifest && content.Maybe("size") != null,
            "manifest" => !bundle && manifest,
            _ => !bundle && !manifest,
        };
        Rule(Uuid.IsMatch(claims.Text("jti")), "jti");
        Rule(claims.Number("exp") > claims.Number("iat"), "exp");
        int reviews = claims.Texts("reviews").Count;
        Rule(reviews >= 2 && reviews <= 4, "reviews");
        Rule(claims.Number("max_stale") >= 0 && claims.Number("max_stale") <= 604_800, "max_stale");
        Rule(claims.Member("log").Text("origin") != "", "log.origin");
        Rule(fits && IsAtLeast(level, anchors.Text("min_content_level")), "content");
        string software = claims.Text("software_id");
        Rule(software.Length <= 128 && SoftwareId.IsMatch(software), "software_id");
        string version = claims.Text("software_version");
        Rule(version.Length <= 64 && Version.IsMatch(version), "software_version");
        Rule(!string.IsNullOrWhiteSpace(claims.Text("client_name")), "client_name");
        Rule(IsOrganization(claims.Text("organization_id")), "organization_id");
        Rule(ScopeSet.Read(claims.Text("scope")) != null, "scope");
        List<JsonElement> keys = KeysOf(claims);
        Rule(claims.Text("token_endpoint_auth_method") != "none" == keys.Count > 0, "jwks");
        Rule(keys.All(IsPublicKey), "jwks");
        Rule(claims.Texts("redirect_uris").Count <= 10, "redirect_uris");
        string criteria = claims.Member("criteria").Text("uri");
        Rule(anchors.Texts("criteria").Contains(criteria), "criteria");
        CheckAddresses(claims, environment);
    }

    static void CheckAddresses(JsonElement claims, string environment)
    {
        OriginOf(claims.Member("criteria").Text("uri"), environment);
        OriginOf(StatusOf(claims).Text("uri"), environment);
        foreach (string name in "sub trust_mark_type logo_uri client_uri tos_uri policy_uri".Split(' '))
        {
            if (claims.MaybeText(name) is string uri) OriginOf(uri, environment);
        }
        List<string> origins = claims.Texts("origins");
        foreach (string origin in origins) Rule(OriginOf(origin, environment) == origin, "origins");
        List<string> own = claims.Texts("redirect_uris");
        if (claims.MaybeText("launch_uri") is string launch) own.Add(launch);
        foreach (string uri in own) Rule(origins.Contains(OriginOf(uri, environment)), "origins");
    }

    /// <summary>Where an approval's status stands.</summary>
    internal static JsonElement StatusOf(JsonElement claims) => claims.Member("status").Member("status_list");

    internal static bool IsAtLeast(string level, string least) =>
        Array.IndexOf(Levels, level) >= Array.IndexOf(Levels, least);

    /// <summary>Which of two versions comes first (Semantic Versioning §11): below, at or above zero.</summary>
    internal static int Precedence(string left, string right)
    {
        var (one, other) = (Version.Match(left), Version.Match(right));
        Strict.Require(one.Success && other.Success, "E_TRUST_CONFIG", "version");
        int core = Compare(one.Groups[1].Value, other.Groups[1].Value);
        if (core != 0) return core;
        var (pre, otherPre) = (one.Groups[2], other.Groups[2]);
        if (!pre.Success || !otherPre.Success) return otherPre.Success.CompareTo(pre.Success);
        return Compare(pre.Value, otherPre.Value);
    }

    static int Compare(string left, string right)
    {
        string[] words = left.Split('.');
        string[] others = right.Split('.');
        int first = words.Zip(others, CompareWord).FirstOrDefault(order => order != 0);
        return first != 0 ? first : words.Length.CompareTo(others.Length);
    }

    static int CompareWord(string one, string other)
    {
        var (number, otherNumber) = (Digits.IsMatch(one), Digits.IsMatch(other));
        if (number != otherNumber) return number ? -1 : 1;
        return number ? Numeric(one).CompareTo(Numeric(other)) : string.CompareOrdinal(one, other);
    }

    /// <summary>Digits alone: without a style, .NET reads signs and white space as part of a number.</summary>
    static BigInteger Numeric(string digits) =>
        BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
