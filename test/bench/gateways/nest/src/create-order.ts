import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsNumberString,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

class Money {
  @Length(3, 3)
  currency!: string;

  @IsNumberString()
  units!: string;

  @IsInt()
  @Min(0)
  @Max(999_999_999)
  nanos!: number;
}

class Line {
  @Length(1, 64)
  productId!: string;

  @IsInt()
  @Min(1)
  @Max(1_000)
  quantity!: number;

  @ValidateNested()
  @Type(() => Money)
  unitPrice!: Money;
}

/** The body of a new order, as https://docs.nestjs.com/techniques/validation has it. */
export class CreateOrder {
  @Length(1, 64)
  customerId!: string;

  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];

  @Length(1, 200)
  shipTo!: string;

  @IsString()
  @Length(1, 64)
  requestId!: string;
}
