// What stock parsers are too lenient for: JSON that has one reading, and base64 that has one spelling.
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

/// <summary>A reason to refuse, with its stable code.</summary>
sealed class Refusal : Exception
{
    internal string Code { get; }

    internal Refusal(string code, object? why) : base($"{code}: {why}")
    {
        Code = code;
    }
}

static class Strict
{
    const long MaxInteger = (1L << 53) - 1;
    const int MaxDepth = 8;

    internal static void Require([DoesNotReturnIf(false)] bool condition, string code, object? why)
    {
        if (!condition) throw new Refusal(code, why);
    }

    internal static T Present<T>(T? value, string code, object? why) where T : class =>
        value ?? throw new Refusal(code, why);

    /// <summary>Runs a step under another code, as when one check is part of another.</summary>
    internal static T Recast<T>(Func<T> step, Func<string, string> codeOf)
    {
        try
        {
            return step();
        }
        catch (Refusal refusal)
        {
            throw new Refusal(codeOf(refusal.Code), refusal.Message);
        }
    }

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    internal static byte[] Sha256(params byte[][] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts) hash.AppendData(part);
        return hash.GetHashAndReset();
    }

    /// <summary>The bytes, or null for anything but the canonical spelling with padding.</summary>
    internal static byte[]? Base64(string text)
    {
        // .NET passes over white space and spare bits: only what is written the same again was canonical.
        byte[] bytes = new byte[text.Length];
        bool read = Convert.TryFromBase64String(text, bytes, out int length);
        return read && Convert.ToBase64String(bytes, 0, length) == text ? bytes[..length] : null;
    }

    /// <summary>The bytes, or null for anything but the canonical spelling without padding.</summary>
    internal static byte[]? Base64Url(string text)
    {
        string padding = new string('=', (4 - text.Length % 4) % 4);
        byte[]? bytes = Base64(text.Replace('-', '+').Replace('_', '/') + padding);
        return bytes != null && ToBase64Url(bytes) == text ? bytes : null;
    }

    internal static string ToBase64Url(byte[] bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>
    /// One object: no duplicate or escaped names, at most eight levels, whole numbers that a double holds exactly.
    /// </summary>
    internal static JsonElement ParseJson(byte[] bytes)
    {
        try
        {
            CheckJson(bytes);
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new Refusal("E_JSON", error.Message);
        }
        catch (InvalidOperationException error)
        {
            // What the reader says to a string that is not UTF-8, or holds half a surrogate pair.
            throw new Refusal("E_JSON", error.Message);
        }
    }

    static void CheckJson(byte[] bytes)
    {
        // The reader itself refuses comments, commas before the end, and anything after the object.
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "E_JSON", "not an object");
        var names = new Stack<HashSet<string>>();
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName:
                    Require(!reader.ValueSpan.Contains((byte)'\\'), "E_JSON", "an escape in a name");
                    Require(names.Peek().Add(reader.GetString()!), "E_JSON", "a name twice");
                    break;
                case JsonTokenType.String:
                    // Only reading a string tells whether it is text.
                    reader.GetString();
                    break;
                case JsonTokenType.Number:
                    Require(IsWhole(ref reader), "E_JSON", "not a whole number that a double holds");
                    break;
            }
        } while (reader.Read());
    }

    static bool IsWhole(ref Utf8JsonReader reader)
    {
        bool plain = reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
        if (!plain || !reader.TryGetInt64(out long value)) return false;
        bool minusZero = value == 0 && reader.ValueSpan.Length > 1;
        return !minusZero && value >= -MaxInteger && value <= MaxInteger;
    }
}

/// <summary>Members of objects whose shape was checked before.</summary>
static class Json
{
    /// <summary>The member, or null where it is absent or null.</summary>
    internal static JsonElement? Maybe(this JsonElement of, string name)
    {
        bool there = of.TryGetProperty(name, out JsonElement member) && member.ValueKind != JsonValueKind.Null;
        return there ? member : (JsonElement?)null;
    }

    internal static JsonElement Member(this JsonElement of, string name) => of.GetProperty(name);

    internal static string Text(this JsonElement of, string name) => of.GetProperty(name).GetString()!;

    internal static string? MaybeText(this JsonElement of, string name) => of.Maybe(name)?.GetString();

    internal static long Number(this JsonElement of, string name) => of.GetProperty(name).GetInt64();

    /// <summary>The members of a list; none where it is absent or null.</summary>
    internal static List<JsonElement> Elements(this JsonElement of, string name) =>
        of.Maybe(name)?.EnumerateArray().ToList() ?? new List<JsonElement>();

    /// <summary>The texts of a list; none where it is absent or null.</summary>
    internal static List<string> Texts(this JsonElement of, string name) =>
        of.Elements(name).Select(text => text.GetString()!).ToList();
}
