/** A refusal, with the verifier's stable code (E_…), what was found and what to do. */
export class Refused extends Error {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
}

type Bytes = string | ArrayBuffer | Uint8Array;

export interface Settings {
  environment: 'test' | 'pilot' | 'prod';
  min_content_level?: 'origin' | 'manifest' | 'bundle';
  min_assurance?: 'jose-only' | 'logged';
  risk_class?: 'high' | 'normal' | 'offline';
  allowed_software?: string[];
}

export interface Accepted {
  jti: string;
  software_id: string;
  software_version: string;
  log_index: number | null;
  witnessed_at: number | null;
  status: 'fresh' | 'stale';
  in_force: boolean;
  /** The approval's claims; null when it is not in force, because a newer one of its version is known. */
  approval: Record<string, unknown> | null;
}

export interface LaunchRequest {
  software_id: string;
  software_version: string;
  organization_id: string;
  content?: { bundle: string } | { manifest: string; observed_at: number } | null;
  launch_uri?: string | null;
  redirect_uri?: string | null;
  scope?: string | null;
  client?: { key?: string | null; dpop?: boolean } | null;
}

export interface Granted {
  jti: string;
  leaf: string;
  status: 'fresh' | 'stale';
  assurance: 'jose-only' | 'logged';
}

export class Verifier {
  refreshTrust(
    fetchFile: (name: string, maxLength: number) => Promise<Bytes | null> | Bytes | null,
    now?: number,
  ): Promise<{ root_version: number; expires: number | null }>;
  trustBegin(): void;
  trustWanted(): { name: string; max_len: number } | null;
  trustTake(file: Bytes | null): void;
  trustUpdate(now?: number): { root_version: number; expires: number | null };
  updateStatus(token: Bytes, now?: number, from?: string | null): void;
  ingest(approval: Bytes, ticket?: Bytes | null, now?: number): Accepted;
  launch(request: LaunchRequest, now?: number): Granted;
  save(): unknown;
  close(): void;
}

/** Makes ready the module: its bytes, a compiled module, or a response with it. */
export function load(
  source: BufferSource | WebAssembly.Module | Response,
): Promise<{ open(root: Bytes, settings: Settings, state?: unknown): Verifier }>;
