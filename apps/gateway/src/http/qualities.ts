/** A list of preferences (Accept, Accept-Encoding), in lower case; q is 0 where it cannot be read (RFC 9110, 12.4.2). */
export function qualitiesOf(header: string | undefined): { name: string; q: number }[] {
  return (header ?? '').split(',').map((item) => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { name, q: q === undefined ? 1 : Number(q) || 0 };
  });
}
