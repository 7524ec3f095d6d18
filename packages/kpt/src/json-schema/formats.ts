const int32 = 2 ** 31;
const int64 = 2n ** 63n;
const rfc3339 =
  /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Whether a value has a format. Values of other types have every format, and so has every value one that is not known. */
export function hasFormat(value: unknown, format: string): boolean {
  if (typeof value === 'string') {
    if (format === 'date-time') return rfc3339.test(value);
    if (format === 'date') return /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])$/.test(value);
    if (format === 'byte') return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
    return format !== 'uuid' || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
  }
  if (typeof value === 'bigint')
    return format !== 'int32' && (format !== 'int64' || (value >= -int64 && value < int64));
  if (typeof value !== 'number') return true;
  if (format === 'int32') return value >= -int32 && value < int32;
  return format !== 'int64' || (value >= Number(-int64) && value < Number(int64));
}
