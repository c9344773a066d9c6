// The ticket: C2SP tlog-proof, signed notes and tlog-policy, and RFC 9162's inclusion proof.
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

/// <summary>A C2SP verifier key: name+id+key.</summary>
sealed class NoteKey
{
    internal const int Ed25519 = 1;
    internal const int Cosignature = 4;
    /// <summary>Signs checkpoints and cosigns them.</summary>
    internal const int MlDsa44 = 6;

    /// <summary>What a name is made of: no white space (.NET's \s is Unicode's) and no control characters.</summary>
    internal const string Name = @"[^+\s\p{Cc}]+";

    static readonly Regex Form = new Regex($@"\A({Name})\+([0-9a-f]{{8}})\+(.+)\z", RegexOptions.CultureInvariant);

    internal string Owner { get; }
    internal string Id { get; }
    /// <summary>The key's own bytes, so that no key stands twice.</summary>
    internal string Bytes { get; }
    readonly int type;
    readonly AsymmetricKeyParameter key;

    internal NoteKey(string text, params int[] types)
    {
        Match found = Form.Match(text);
        byte[]? material = found.Success ? Strict.Base64(found.Groups[3].Value) : null;
        Strict.Require(material?.Length > 1 && types.Contains(material[0]), "E_TRUST_CONFIG", text);
        Owner = found.Groups[1].Value;
        Id = found.Groups[2].Value;
        byte[] hash = Strict.Sha256(Strict.Utf8(Owner + "\n"), material);
        Strict.Require(Ticket.IdOf(hash) == Id, "E_TRUST_CONFIG", $"{Owner}: key id");
        type = material[0];
        byte[] bytes = material[1..];
        Bytes = Convert.ToBase64String(bytes);
        try
        {
            if (type == MlDsa44) key = MLDsaPublicKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_44, bytes);
            else key = new Ed25519PublicKeyParameters(bytes);
        }
        catch (ArgumentException error)
        {
            throw new Refusal("E_TRUST_CONFIG", $"{Owner}: {error.Message}");
        }
    }

    /// <summary>When this key has signed (0 where it does not say), or null when a signature is wrong.</summary>
    internal List<long>? Times(Ticket ticket)
    {
        var times = new List<long>();
        foreach (var (_, _, bytes) in ticket.Lines.Where(line => line.Name == Owner && line.Id == Id))
        {
            bool timed = type != Ed25519;
            if (timed && bytes.Length < 8) return null;
            long time = timed ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;
            if (time < 0 || !HasSigned(Message(ticket, time), timed ? bytes[8..] : bytes)) return null;
            times.Add(time);
        }
        return times;
    }

    byte[]? Message(Ticket ticket, long time)
    {
        if (type == Ed25519) return Strict.Utf8(ticket.Text);
        if (type == Cosignature) return Strict.Utf8($"cosignature/v1\ntime {Invariant(time)}\n{ticket.Text}");
        var (name, origin) = (Strict.Utf8(Owner), Strict.Utf8(ticket.Origin));
        // A length has one byte: nobody can sign for a longer name.
        if (name.Length > 255 || origin.Length > 255) return null;
        var message = new List<byte>(Strict.Utf8("subtree/v1\n\0")) { (byte)name.Length };
        message.AddRange(name);
        message.AddRange(Eight(time));
        message.Add((byte)origin.Length);
        message.AddRange(origin);
        message.AddRange(Eight(0));
        message.AddRange(Eight(ticket.Size));
        message.AddRange(ticket.Root);
        return message.ToArray();
    }

    static byte[] Eight(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    bool HasSigned(byte[]? message, byte[] signature)
    {
        if (message == null) return false;
        ISigner signer = new Ed25519Signer();
        if (type == MlDsa44) signer = new MLDsaSigner(MLDsaParameters.ml_dsa_44, deterministic: true);
        signer.Init(false, key);
        signer.BlockUpdate(message, 0, message.Length);
        return signer.VerifySignature(signature);
    }
}

/// <summary>C2SP tlog-policy: logs, witnesses, groups of them, and the quorum.</summary>
sealed class LogPolicy
{
    internal List<NoteKey> Logs { get; } = new List<NoteKey>();
    internal List<NoteKey> Witnesses { get; } = new List<NoteKey>();
    /// <summary>Whether those who have cosigned are enough.</summary>
    internal Predicate<ISet<NoteKey>> Quorum { get; }

    readonly Dictionary<string, Predicate<ISet<NoteKey>>> members =
        new Dictionary<string, Predicate<ISet<NoteKey>>>(StringComparer.Ordinal);

    internal LogPolicy(string text)
    {
        Predicate<ISet<NoteKey>>? quorum = null;
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(new[] { ' ', '\t' }, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            if (words[0] == "log" && words.Length > 1)
            {
                Logs.Add(Once(new NoteKey(words[1], NoteKey.Ed25519, NoteKey.MlDsa44)));
            }
            else if (words[0] == "witness" && words.Length > 2)
            {
                NoteKey witness = Once(new NoteKey(words[2], NoteKey.Cosignature, NoteKey.MlDsa44));
                Witnesses.Add(witness);
                members[words[1]] = cosigned => cosigned.Contains(witness);
            }
            else if (words[0] == "group" && words.Length > 3) members[words[1]] = Group(words[2], words[3..]);
            else if (words[0] == "quorum" && words.Length > 1)
            {
                quorum = words[1] == "none" ? cosigned => true : Named(words[1]);
            }
            else throw new Refusal("E_TRUST_CONFIG", line);
        }
        Quorum = Strict.Present(quorum, "E_TRUST_CONFIG", "log.policy: no quorum");
    }

    /// <summary>No key stands twice: a log's would be its own witness, a witness's would count as two.</summary>
    NoteKey Once(NoteKey key)
    {
        bool known = Logs.Concat(Witnesses).Any(other => other.Bytes == key.Bytes);
        Strict.Require(!known, "E_TRUST_CONFIG", $"{key.Owner}: a key that was given before");
        return key;
    }

    Predicate<ISet<NoteKey>> Named(string name) =>
        Strict.Present(members.GetValueOrDefault(name), "E_TRUST_CONFIG", name);

    Predicate<ISet<NoteKey>> Group(string threshold, string[] names)
    {
        var of = names.Select(Named).ToList();
        int least = threshold == "any" ? 1 : threshold == "all" ? of.Count : 0;
        bool given = least > 0 || int.TryParse(threshold, NumberStyles.None, CultureInfo.InvariantCulture, out least);
        Strict.Require(given && least >= 1 && least <= of.Count, "E_TRUST_CONFIG", threshold);
        return cosigned => of.Count(member => member(cosigned)) >= least;
    }
}

/// <summary>Index, hashes, and the signed checkpoint that they lead to.</summary>
sealed class Ticket
{
    static readonly Regex SignatureLine =
        new Regex($@"\A\u2014 ({NoteKey.Name}) ([A-Za-z0-9+/=]+)\z", RegexOptions.CultureInvariant);
    static readonly Regex Digits = new Regex(@"\A(?:0|[1-9][0-9]{0,18})\z", RegexOptions.CultureInvariant);

    readonly List<byte[]> hashes;
    internal long Index { get; }
    /// <summary>What is signed.</summary>
    internal string Text { get; }
    internal List<(string Name, string Id, byte[] Bytes)> Lines { get; }
    internal string Origin { get; }
    internal long Size { get; }
    internal byte[] Root { get; }

    internal Ticket(string ticket)
    {
        // Ordinal: by a culture's rules, a search finds line ends that are not there, or passes over some that are.
        int divided = ticket.IndexOf("\n\n", StringComparison.Ordinal);
        Form(divided >= 0 && Encoding.UTF8.GetByteCount(ticket) <= 139_264, "not a tlog-proof");
        var head = new Queue<string>(ticket[..divided].Split('\n'));
        Form(head.Dequeue() == "c2sp.org/tlog-proof@v1" && head.Count > 0, "not a tlog-proof");
        if (Begins(head, "extra ")) Form(Strict.Base64(head.Dequeue()[6..]) != null, "extra");
        Form(Begins(head, "index ") && head.Count <= 64, "index or hashes");
        Index = Decimal(head.Dequeue()[6..]);
        hashes = head.Select(Hash).ToList();

        string note = ticket[(divided + 2)..];
        int middle = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        bool plain = note.EndsWith('\n') && note.All(unit => unit >= ' ' || unit == '\n');
        Form(plain && middle >= 0 && middle < note.Length - 2, "not a note");
        Form(Encoding.UTF8.GetByteCount(note) <= 131_072, "a note that is too long");
        Text = note[..(middle + 1)];
        Lines = note[(middle + 2)..^1].Split('\n').Select(Signature).ToList();
        Form(Lines.Count <= 16, "more than 16 signatures");
        string[] parts = note[..middle].Split('\n');
        Form(parts.Length >= 3 && !parts.Contains(""), "not a checkpoint");
        Origin = parts[0];
        Size = Decimal(parts[1]);
        Root = Hash(parts[2]);
    }

    static void Form(bool condition, string why) => Strict.Require(condition, "E_PROOF_FORMAT", why);

    static bool Begins(Queue<string> lines, string word) =>
        lines.Count > 0 && lines.Peek().StartsWith(word, StringComparison.Ordinal);

    /// <summary>An unsigned number below 2⁶³ without leading zeroes.</summary>
    static long Decimal(string digits)
    {
        long number = 0;
        bool read = Digits.IsMatch(digits)
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        Form(read, "number");
        return number;
    }

    static byte[] Hash(string line)
    {
        byte[]? hash = Strict.Base64(line);
        Form(hash?.Length == 32, "hash");
        return hash!;
    }

    static (string Name, string Id, byte[] Bytes) Signature(string line)
    {
        Match found = SignatureLine.Match(line);
        byte[]? bytes = found.Success ? Strict.Base64(found.Groups[2].Value) : null;
        Form(bytes?.Length > 4, "signature line");
        return (found.Groups[1].Value, IdOf(bytes!), bytes![4..]);
    }

    /// <summary>A key's id, as it is written in keys: the first four bytes in hexadecimal.</summary>
    internal static string IdOf(byte[] bytes) =>
        BinaryPrimitives.ReadUInt32BigEndian(bytes).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>RFC 9162 §2.1.3.2.</summary>
    internal bool Includes(byte[] leaf)
    {
        if (Index >= Size) return false;
        var (node, last, hash) = (Index, Size - 1, leaf);
        byte[] one = { 1 };
        foreach (byte[] sibling in hashes)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = Strict.Sha256(one, sibling, hash);
                for (; (node & 1) == 0 && node != 0; last >>= 1) node >>= 1;
            }
            else hash = Strict.Sha256(one, hash, sibling);
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.SequenceEqual(Root);
    }
}
