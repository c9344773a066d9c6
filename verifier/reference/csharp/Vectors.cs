// Runs the whole vector pack: dotnet run -- FOLDER
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;

static class Vectors
{
    static readonly string[] Can = { "ml-dsa" };
    static readonly Dictionary<string, int> Counts =
        new Dictionary<string, int> { ["pass"] = 0, ["fail"] = 0, ["skip"] = 0 };
    static Dictionary<string, TrustFiles> configurations = new Dictionary<string, TrustFiles>();

    static JsonElement Read(params string[] path) => Strict.ParseJson(File.ReadAllBytes(Path.Combine(path)));

    static TrustFiles Configuration(JsonElement given)
    {
        JsonElement until = given.Member("until");
        return new TrustFiles
        {
            Files = given.Member("files").EnumerateObject()
                .ToDictionary(file => file.Name, file => file.Value.GetString()!),
            Issued = given.Number("issued"),
            UntilOffline = until.Number("offline"),
            UntilOnline = until.Number("online"),
        };
    }

    static Policy PolicyOf(JsonElement one, string? assurance)
    {
        JsonElement policy = one.Member("policy");
        return new Policy
        {
            Environment = policy.Text("environment"),
            MinAssurance = assurance,
            MinContentLevel = policy.Text("min_content_level"),
            RiskClass = policy.Text("risk_class"),
            AllowedSoftware = policy.Maybe("allowed_software") == null ? null : policy.Texts("allowed_software"),
        };
    }

    static Launch LaunchOf(JsonElement request) => new Launch
    {
        SoftwareId = request.Text("software_id"),
        SoftwareVersion = request.Text("software_version"),
        OrganizationId = request.Text("organization_id"),
        LaunchUri = request.MaybeText("launch_uri"),
        RedirectUri = request.MaybeText("redirect_uri"),
        Scope = request.MaybeText("scope"),
        Client = !(request.Maybe("client") is JsonElement client) ? null : new Client
        {
            Key = client.MaybeText("key"),
            Dpop = client.Member("dpop").GetBoolean(),
        },
        Content = !(request.Maybe("content") is JsonElement content) ? null : new Content
        {
            Bundle = content.MaybeText("bundle"),
            Manifest = content.MaybeText("manifest"),
            ObservedAt = content.Maybe("observed_at")?.GetInt64() ?? 0,
        },
    };

    static void Act(Verifier verifier, JsonElement step)
    {
        long now = step.Number("now");
        switch (step.Text("do"))
        {
            case "trust":
                verifier.TakeTrust(configurations[step.Text("trust")], now);
                break;
            case "status":
                verifier.TakeStatus(step.Text("token"), step.MaybeText("from"), now);
                break;
            case "ingest":
                verifier.Ingest(step.Text("approval"), step.MaybeText("ticket"), now);
                break;
            case "launch":
                verifier.CheckLaunch(LaunchOf(step.Member("request")), now);
                break;
            default:
                throw new ArgumentException(step.Text("do"));
        }
    }

    /// <summary>A verifier after all steps but the last, which have to be accepted.</summary>
    static Verifier Prepared(JsonElement one, string? assurance)
    {
        var verifier = new Verifier(PolicyOf(one, assurance));
        foreach (JsonElement step in one.Elements("steps").SkipLast(1)) Act(verifier, step);
        return verifier;
    }

    static string Verdict(Action act)
    {
        try
        {
            act();
            return "accepted";
        }
        catch (Refusal refusal)
        {
            return refusal.Code;
        }
    }

    static void Count(string name, string expected, string found)
    {
        bool good = expected == found;
        Counts[good ? "pass" : "fail"]++;
        if (!good) Console.WriteLine($"not ok - {name}: {found}, not {expected}");
    }

    static string Run(JsonElement one, string? assurance)
    {
        try
        {
            Verifier verifier = Prepared(one, assurance);
            return Verdict(() => Act(verifier, one.Elements("steps").Last()));
        }
        catch (Exception defect)
        {
            // A defect is a failed case, not the end of the run.
            return defect.ToString();
        }
    }

    static string Run(JsonElement one) => Run(one, one.Member("policy").MaybeText("min_assurance"));

    static int AcceptedMutations(JsonElement original)
    {
        JsonElement last = original.Elements("steps").Last();
        var (approval, ticket, now) = (last.Text("approval"), last.Text("ticket"), last.Number("now"));
        // Nothing of what is refused is remembered, so one verifier may try them all.
        Verifier verifier = Prepared(original, original.Member("policy").MaybeText("min_assurance"));
        bool IsAccepted(string one, string other) => Verdict(() => verifier.Ingest(one, other, now)) == "accepted";
        return Mutants(approval).Count(mutant => IsAccepted(mutant, ticket))
            + Mutants(ticket).Count(mutant => IsAccepted(approval, mutant));
    }

    static IEnumerable<string> Mutants(string text)
    {
        byte[] bytes = Strict.Utf8(text);
        for (int at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            yield return Encoding.UTF8.GetString(bytes);
            bytes[at] ^= 1;
        }
    }

    static int Main(string[] arguments)
    {
        string folder = arguments.Length > 0 ? arguments[0] : Path.Combine("..", "..", "vectors");
        configurations = Read(folder, "trust.json").Member("configurations").EnumerateObject()
            .ToDictionary(one => one.Name, one => Configuration(one.Value));
        var cases = Directory.GetFiles(Path.Combine(folder, "cases"), "*.json")
            .OrderBy(file => file, StringComparer.Ordinal)
            .SelectMany(file => Read(file).Elements("cases")).ToList();
        foreach (JsonElement one in cases)
        {
            if (one.Texts("needs").Except(Can).Any()) Counts["skip"]++;
            else Count(one.Text("name"), one.Text("expected"), Run(one));
        }
        int accepted = AcceptedMutations(Read(folder, "mutations.json").Member("case"));
        Count("mutations", "0 accepted", $"{accepted} accepted");
        // An installation that does not say what it asks for asks for a ticket.
        JsonElement unlogged = cases.Single(one => one.Text("name") == "histories/unlogged");
        foreach (string? said in new[] { null, "Logged", "" })
        {
            Count($"min_assurance {said ?? "absent"}", "E_LOCAL_POLICY", Run(unlogged, said));
        }
        foreach (string what in new[] { "pass", "fail", "skip" }) Console.WriteLine($"# {what} {Counts[what]}");
        return Counts["fail"] > 0 ? 1 : 0;
    }
}
