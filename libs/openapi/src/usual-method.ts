import { ANY_METHOD, type Route } from '#libs/transcoding';

/** The method that a client uses: where a rule leaves it open, GET without a body and POST with one. */
export function usualMethod({ httpMethod, body }: Route): string {
  if (httpMethod !== ANY_METHOD) return httpMethod;
  return body === 'none' ? 'GET' : 'POST';
}
