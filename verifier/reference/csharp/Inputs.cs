using System.Collections.Generic;

/// <summary>An installation's own rules.</summary>
sealed class Policy
{
    internal string Environment { get; set; } = "";
    /// <summary>"jose-only" lets approvals in without a ticket; anything else asks for one.</summary>
    internal string? MinAssurance { get; set; }
    internal string MinContentLevel { get; set; } = "";
    /// <summary>The column of the anchors' table of how old a status list may be.</summary>
    internal string RiskClass { get; set; } = "";
    /// <summary>Null for all.</summary>
    internal ICollection<string>? AllowedSoftware { get; set; }
}

/// <summary>What a client of The Update Framework has fetched and verified.</summary>
sealed class TrustFiles
{
    /// <summary>The target files by name, each as its exact text.</summary>
    internal IReadOnlyDictionary<string, string> Files { get; set; } = new Dictionary<string, string>();
    /// <summary>The timestamp's own time.</summary>
    internal long Issued { get; set; }
    /// <summary>The end of root and targets.</summary>
    internal long UntilOffline { get; set; }
    /// <summary>The end of snapshot and timestamp.</summary>
    internal long UntilOnline { get; set; }
}

/// <summary>A launch: what is null is not asked about, for a step of the flow does not carry it yet.</summary>
sealed class Launch
{
    internal string SoftwareId { get; set; } = "";
    internal string SoftwareVersion { get; set; } = "";
    internal string OrganizationId { get; set; } = "";
    internal string? LaunchUri { get; set; }
    internal string? RedirectUri { get; set; }
    internal string? Scope { get; set; }
    internal Client? Client { get; set; }
    internal Content? Content { get; set; }
}

/// <summary>How the app's client has shown who it is.</summary>
sealed class Client
{
    /// <summary>The key's RFC 7638 thumbprint, or null where it showed none.</summary>
    internal string? Key { get; set; }
    internal bool Dpop { get; set; }
}

/// <summary>What is installed, or was seen of a hosted app.</summary>
sealed class Content
{
    internal string? Bundle { get; set; }
    internal string? Manifest { get; set; }
    internal long ObservedAt { get; set; }
}
