using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

/// <summary>A key of the trust repository, for one use.</summary>
sealed class TrustedKey
{
    internal string Id { get; }
    internal string Use { get; }
    internal string? Person { get; }
    internal string? Organization { get; }
    internal List<string> Roles { get; }
    /// <summary>Why and from where in which logs on, where it is withdrawn.</summary>
    internal JsonElement? Revoked { get; }
    readonly byte[]? x;
    readonly byte[]? y;

    internal TrustedKey(JsonElement key, params string[] uses)
    {
        Id = key.Text("kid");
        Use = key.Text("use");
        Person = key.MaybeText("person");
        Organization = key.MaybeText("organization_id");
        Roles = key.Texts("roles");
        Revoked = key.Maybe("revoked");
        bool good = Claims.Thumbprint(key) == Id && uses.Contains(Use);
        Strict.Require(good, "E_TRUST_CONFIG", $"key {Id}");
        x = Strict.Base64Url(key.Text("x"));
        y = Strict.Base64Url(key.Text("y"));
    }

    /// <summary>ES256: P-256 with SHA-256, and r and s one after the other, not in DER.</summary>
    internal bool HasSigned(byte[] message, byte[] signature)
    {
        if (x?.Length != 32 || y?.Length != 32) return false;
        try
        {
            var point = new ECPoint { X = x, Y = y };
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            // Without a format, .NET takes IEEE P1363, which is JOSE's.
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            // Not a point of the curve.
            return false;
        }
    }
}

/// <summary>A compact JWS: steps 1 and 3 to 7.</summary>
sealed class Token
{
    internal const int MaxLength = 16_384;

    static readonly Regex Form = Claims.Whole(@"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})");

    readonly byte[] header;
    readonly byte[] payload;
    readonly byte[] signature;
    /// <summary>The bytes that are signed, as they came.</summary>
    readonly byte[] signed;

    /// <summary>Step 1: three canonical parts.</summary>
    internal Token(string token, int maxLength = MaxLength)
    {
        Strict.Require(token.Length <= maxLength, "E_FORMAT", "too long");
        Match found = Form.Match(token);
        Strict.Require(found.Success, "E_FORMAT", "not a compact JWS");
        header = Part(found.Groups[1]);
        payload = Part(found.Groups[2]);
        signature = Part(found.Groups[3]);
        signed = Strict.Utf8(token[..token.LastIndexOf('.')]);
    }

    static byte[] Part(Group part) =>
        Strict.Present(Strict.Base64Url(part.Value), "E_FORMAT", "not canonical base64url");

    /// <summary>Steps 3 and 4: a header of exactly alg, kid and typ.</summary>
    string ReadHeader(string typ)
    {
        JsonElement read = Strict.Recast(() => Strict.ParseJson(header), code => "E_HEADER");
        var members = read.EnumerateObject().ToList();
        bool texts = members.All(member => member.Value.ValueKind == JsonValueKind.String);
        var names = members.Select(member => member.Name).OrderBy(name => name, StringComparer.Ordinal);
        bool exact = texts && names.SequenceEqual(new[] { "alg", "kid", "typ" });
        Strict.Require(exact, "E_HEADER", "not exactly alg, kid and typ");
        Strict.Require(read.Text("typ") == typ, "E_TYP", read.Text("typ"));
        Strict.Require(read.Text("alg") == "ES256", "E_ALG", read.Text("alg"));
        return read.Text("kid");
    }

    /// <summary>Steps 4 to 7: the key for exactly this use, its signature, and then the claims.</summary>
    internal (JsonElement Claims, TrustedKey Key) Read(
        string typ, string use, IReadOnlyDictionary<string, TrustedKey> keys)
    {
        string kid = ReadHeader(typ);
        TrustedKey key = Strict.Present(keys.GetValueOrDefault(kid), "E_KID", kid);
        Strict.Require(key.Use == use, "E_KEY_USE", $"{key.Use} for {use}");
        Strict.Require(key.HasSigned(signed, signature), "E_SIG", kid);
        JsonElement claims = Strict.ParseJson(payload);
        Strict.Require(Claims.Shapes[use](claims), "E_CLAIM", $"shape of the claims of {typ}");
        return (claims, key);
    }
}
