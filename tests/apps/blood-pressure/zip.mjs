// The zip format (PKWARE APPNOTE 6.3) as far as a bundle needs it: deflated files, no time, no owner.

import { deflateRawSync } from "node:zlib";

const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
const FIRST_OF_JANUARY_1980 = 0x21;

/** An archive of `{path, bytes}` entries, in the order given. */
export function zip(entries) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const { path, bytes } of entries) {
    const name = Buffer.from(path, "utf8");
    const data = deflateRawSync(bytes, { level: 9 });
    const common = header(name, bytes, data);
    const record = Buffer.concat([u32(0x04034b50), common, u16(0), name, data]);
    local.push(record);
    // No comment, disk 0, no attributes.
    central.push(Buffer.concat([u32(0x02014b50), u16(VERSION), common, u16(0), u16(0), u16(0), u16(0), u32(0), u32(offset), name]));
    offset += record.length;
  }
  const directory = Buffer.concat(central);
  const count = u16(entries.length);
  const end = Buffer.concat([u32(0x06054b50), u16(0), u16(0), count, count, u32(directory.length), u32(offset), u16(0)]);
  return Buffer.concat([...local, directory, end]);
}

// What the local header and the central one share; the local one ends with the extra field's length.
function header(name, bytes, data) {
  return Buffer.concat([
    u16(VERSION), u16(UTF8_NAMES), u16(DEFLATED), u16(0), u16(FIRST_OF_JANUARY_1980),
    u32(crc32(bytes)), u32(data.length), u32(bytes.length), u16(name.length),
  ]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
