/** Reads an answer as it comes. */
export class EventReader {
  text = '';
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();

  constructor(response: Response) {
    if (!response.body) throw new Error('the answer has no body');
    this.reader = response.body.getReader();
  }

  /** All that has come, once it holds `part`. */
  async until(part: string): Promise<string> {
    while (!this.text.includes(part)) {
      if (!(await this.more())) throw new Error(`the answer has ended without ${part}: ${this.text}`);
    }
    return this.text;
  }

  /** All that came until the end. */
  async rest(): Promise<string> {
    while (await this.more());
    return this.text;
  }

  cancel(): Promise<void> {
    return this.reader.cancel();
  }

  private async more(): Promise<boolean> {
    const { done, value } = await this.reader.read();
    if (value) this.text += this.decoder.decode(value, { stream: true });
    return !done;
  }
}
