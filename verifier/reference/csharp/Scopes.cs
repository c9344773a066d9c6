using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

/// <summary>SMART App Launch 2 scopes, with version 1's words for permissions.</summary>
sealed class ScopeSet
{
    /// <summary>One scope; one that is not about resources has its word alone.</summary>
    sealed class Scope
    {
        static readonly Regex Plain = Claims.Whole(@"[\x21\x23-\x5b\x5d-\x7e]+");
        static readonly Regex Resource = Claims.Whole("(?:patient|user|system)/.*");
        static readonly Regex Form = Claims.Whole(
            @"(patient|user|system)/(\*|[A-Z][A-Za-z0-9]{0,63})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?");
        static readonly Regex Filter = Claims.Whole("([A-Za-z0-9_.:-]+)=(.+)");
        static readonly char[] Special = { '\\', '%', '$' };

        internal string Word { get; }
        internal bool IsResource { get; }
        internal string Letters { get; } = "";
        readonly string context = "";
        readonly string type = "";
        readonly List<(string Name, string Value)> filters = new List<(string, string)>();

        Scope(string word)
        {
            Word = word;
        }

        Scope(string word, Match found, IEnumerable<Match> filters)
        {
            Word = word;
            IsResource = true;
            context = found.Groups[1].Value;
            type = found.Groups[2].Value;
            string permissions = found.Groups[3].Value;
            Letters = permissions switch { "read" => "rs", "write" => "cud", "*" => "cruds", _ => permissions };
            this.filters.AddRange(filters.Select(filter => (filter.Groups[1].Value, filter.Groups[2].Value)));
        }

        /// <summary>The scope, or null when it is malformed.</summary>
        internal static Scope? Read(string word)
        {
            if (!Plain.IsMatch(word)) return null;
            if (!Resource.IsMatch(word)) return new Scope(word);
            Match found = Form.Match(word);
            if (!found.Success) return null;
            string[] pairs = found.Groups[4].Success ? found.Groups[4].Value.Split('&') : new string[0];
            var filters = pairs.Select(pair => Filter.Match(pair)).ToList();
            return filters.All(filter => filter.Success) ? new Scope(word, found, filters) : null;
        }

        /// <summary>Whether each of my conditions follows from one of theirs.</summary>
        internal bool CoversWhere(Scope other) =>
            IsResource && context == other.context && (type == "*" || type == other.type)
            && filters.All(mine => other.filters.Any(theirs => Admits(mine, theirs)));

        static bool Admits((string Name, string Value) mine, (string Name, string Value) theirs)
        {
            if (mine.Name != theirs.Name) return false;
            // A modifier or an escape may mean anything: then only the same again is within it.
            bool literal = mine.Name.Contains(':') || (mine.Value + theirs.Value).IndexOfAny(Special) >= 0;
            return literal
                ? mine.Value == theirs.Value
                : !theirs.Value.Split(',').Except(mine.Value.Split(',')).Any();
        }
    }

    readonly List<Scope> scopes;

    ScopeSet(List<Scope> scopes)
    {
        this.scopes = scopes;
    }

    /// <summary>The scopes, or null when one of them is malformed.</summary>
    internal static ScopeSet? Read(string text)
    {
        var scopes = new List<Scope>();
        foreach (string word in text == "" ? new string[0] : text.Split(' '))
        {
            if (!(Scope.Read(word) is Scope scope)) return null;
            scopes.Add(scope);
        }
        return new ScopeSet(scopes);
    }

    /// <summary>
    /// Whether all of the text's scopes are well-formed and within these; several may give the permissions together.
    /// </summary>
    internal bool Covers(string text) => Read(text)?.scopes.All(CoversOne) == true;

    bool CoversOne(Scope wanted)
    {
        if (!wanted.IsResource) return scopes.Any(mine => mine.Word == wanted.Word);
        var given = scopes.Where(mine => mine.CoversWhere(wanted)).SelectMany(mine => mine.Letters);
        return !wanted.Letters.Except(given).Any();
    }
}
