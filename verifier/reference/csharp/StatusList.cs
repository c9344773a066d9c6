using System;
using System.Linq;
using System.Text.Json;
using Org.BouncyCastle.Utilities.Zlib;

/// <summary>A status list (IETF Token Status List) of two-bit values, read with a limit.</summary>
sealed class StatusList
{
    const int MaxBytes = (1 << 20) / 4;

    readonly string signer;
    internal long Generation { get; }
    internal long IssuedAt { get; }
    readonly byte[] bytes;

    internal StatusList(JsonElement claims, TrustedKey key)
    {
        signer = key.Id;
        Generation = claims.Number("gen");
        IssuedAt = claims.Number("iat");
        JsonElement list = claims.Member("status_list");
        byte[]? packed = Strict.Base64Url(list.Text("lst"));
        Strict.Require(list.Number("bits") == 2 && packed != null, "E_STATUS_FORMAT", "bits or lst");
        bytes = Unpack(packed);
    }

    /// <summary>
    /// One whole zlib stream and nothing after it: .NET's own streams say neither that one was cut off nor where it
    /// ended.
    /// </summary>
    static byte[] Unpack(byte[] packed)
    {
        byte[] room = new byte[MaxBytes + 1];
        var stream = new ZStream
        {
            next_in = packed,
            avail_in = packed.Length,
            next_out = room,
            avail_out = room.Length,
        };
        stream.inflateInit();
        bool ended = stream.inflate(JZlib.Z_FINISH) == JZlib.Z_STREAM_END;
        bool whole = ended && stream.avail_in == 0 && stream.total_out <= MaxBytes;
        Strict.Require(whole, "E_STATUS_FORMAT", "lst");
        return room[..(int)stream.total_out];
    }

    /// <summary>
    /// What a key said that another has replaced holds until the next list; of a key withdrawn otherwise, nothing.
    /// </summary>
    internal bool Holds(Trust trust)
    {
        if (!trust.Keys.TryGetValue(signer, out TrustedKey? key) || key.Use != "status") return false;
        return !(key.Revoked is JsonElement revoked) || revoked.Text("reason") == "superseded";
    }

    /// <summary>The value at this place, or -1 beyond the end.</summary>
    int ValueAt(long at) => at < bytes.Length * 4L ? (bytes[at / 4] >> (int)(at % 4 * 2)) & 3 : -1;

    /// <summary>Step 20.</summary>
    internal void Check(long index)
    {
        int value = ValueAt(index);
        Strict.Require(value >= 0, "E_STATUS_RANGE", index);
        string code = new[] { "", "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED" }[value];
        Strict.Require(value == 0, code, index);
    }

    /// <summary>Not older than what is known, and nothing un-revoked.</summary>
    internal void CheckFollows(StatusList known)
    {
        bool later = Generation >= known.Generation && IssuedAt >= known.IssuedAt;
        Strict.Require(later, "E_STATUS_ROLLBACK", "older");
        bool same = Generation > known.Generation || bytes.SequenceEqual(known.bytes);
        Strict.Require(same, "E_STATUS_ROLLBACK", "two of one generation");
        for (int at = 0; at < known.bytes.Length * 4; at++)
        {
            Strict.Require(known.ValueAt(at) != 1 || ValueAt(at) == 1, "E_STATUS_ROLLBACK", at);
        }
    }
}
